"""`python -m benchmarks.ci_kinds.run_tools NPM_FOLDER`: run the tools of `real_faults` and write their output to `really_run.txt`.

A tool that is not on the path is left out and named; one that does not fail as expected is an error.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.ci_kinds.real_faults import RealFault, real_faults

TARGET = Path(__file__).parent / "really_run.txt"
_RUNNER = "/home/runner/work/shop/shop"
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_MOST_LINES = 120


def main() -> int:
    npm = Path(sys.argv[1]).resolve()
    os.environ["PATH"] = f"{npm / 'node_modules' / '.bin'}{os.pathsep}{os.environ['PATH']}"
    parts, absent, wrong = list[str](), list[str](), list[str]()
    for fault in real_faults():
        output = _run(fault, npm)
        missing = [need for need in fault.needs if not any(one in output for one in need.split("|"))]
        if "not found" in output and missing:
            absent.append(fault.tool)
        elif missing:
            sys.stderr.write(f"{fault.tool}: without {missing}\n{output[-1500:]}\n")
            wrong.append(fault.tool)
        else:
            parts.append(_form(fault, output))
    if wrong:
        return 1
    TARGET.write_text("\n".join(parts), "utf-8")
    sys.stderr.write(f"{len(parts)} tools; not here: {', '.join(absent) or 'none'}\n")
    return 0


def _run(fault: RealFault, npm: Path) -> str:
    with tempfile.TemporaryDirectory(prefix="shop-") as folder:
        for path, text in fault.files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        if not (Path(folder) / "node_modules").exists() and fault.ecosystem == "javascript":
            (Path(folder) / "node_modules").symlink_to(npm / "node_modules")
        home = {"HOME": folder, "GOFLAGS": "-mod=mod", "GOCACHE": f"{folder}/.cache", "NO_COLOR": "1", "LC_ALL": "C.UTF-8"}
        home |= {"RUSTUP_HOME": os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))}
        command = ["bash", "-c", fault.command]
        done = subprocess.run(command, cwd=folder, env=os.environ | home, capture_output=True, timeout=300, check=False)
        if not done.returncode:
            return ""
        output = _ESCAPE.sub("", (done.stdout + done.stderr).decode("utf-8", "replace"))
        for own, public in (
            (os.path.realpath(folder), _RUNNER),
            (folder, _RUNNER),
            (str(npm), _RUNNER),
            (shutil.which("python3") or "-", "python3"),
        ):
            output = output.replace(own, public)
        return output


def _form(fault: RealFault, output: str) -> str:
    """The output as a form of `forms`, surrounded by passing lines of `make`."""
    rows = [row.rstrip() for row in output.rstrip("\n").split("\n")]
    rows = rows if len(rows) <= _MOST_LINES else [*rows[: _MOST_LINES // 2], *rows[-_MOST_LINES // 2 :]]
    lines = [f"## {fault.tool} | {fault.ecosystem}", "+ {word}_{n}: checked in 0.0{d} s", *(f"! {need}" for need in fault.needs)]
    return "\n".join([*lines, *(f"| {row}".rstrip() for row in rows), ""])


if __name__ == "__main__":
    sys.exit(main())
