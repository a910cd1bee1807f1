"""`council config`: checks a file as the check run does, and drafts a repository's file."""

import subprocess
from pathlib import Path

import yaml

from app.configuration.council_yml import parse
from app.configuration.council_yml_schema import write_schema
from app.configuration.repository_config import of_instance
from app.configuration.settings import Settings
from tests.app.cli.test_commands import BARE, council

BAD = "revew: 1\nreview:\n  max_inline: 99\n  on: [opend]\nlimits:\n  run_usd: 9\nextends: acme/.github\n"


async def test_a_check_says_what_the_check_run_says(tmp_path: Path) -> None:
    (tmp_path / ".github").mkdir()
    file = tmp_path / ".github/council.yml"
    file.write_text(BAD)
    _, problems = parse(BAD, of_instance(Settings().caps))
    code, out, _ = await council("config", "check", env=BARE, cwd=tmp_path)
    expected = [f".github/council.yml: {problem}" for problem in problems if not problem.message.endswith("not here")]
    assert code == 1 and out.splitlines() == expected and len(expected) == 4

    file.write_text("review: [\n")
    code, out, _ = await council("config", "check", ".github/council.yml", env=BARE, cwd=tmp_path)
    assert code == 2 and "line 2: not valid YAML" in out
    code, _, err = await council("config", "check", "nowhere.yml", env=BARE, cwd=tmp_path)
    assert code == 2 and err == "council: nowhere.yml cannot be read: No such file or directory\n"
    (tmp_path / ".github/council.yaml").write_text("review: {drafts: true}\n")
    code, out, _ = await council("config", "check", ".github/council.yaml", env=BARE, cwd=tmp_path)
    assert code == 1 and "is not read: the settings of a repository are in `.github/council.yml`" in out


async def test_a_draft_is_written_once_with_its_schema(tmp_path: Path) -> None:
    for name in ("a.go", "b.go", ".github/workflows/ci.yml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x\n")
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com", "-C", str(tmp_path)]
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run([*git, *words], check=True)
    code, out, _ = await council("config", "init", env=BARE, cwd=tmp_path)
    text = (tmp_path / ".github/council.yml").read_text()
    assert code == 0 and "languages: Go (2)" in out and yaml.safe_load(text)["extends"] == ["go", "security"]
    assert text.startswith("# yaml-language-server: $schema=council.schema.json\n")
    assert (tmp_path / ".github/council.schema.json").read_text() == write_schema()
    code, _, err = await council("config", "init", env=BARE, cwd=tmp_path)
    assert code == 2 and "--force overwrites it" in err
    code, _, _ = await council("config", "init", "--force", env=BARE | {"PUBLIC_URL": "https://council.example.com"}, cwd=tmp_path)
    assert (
        (tmp_path / ".github/council.yml")
        .read_text()
        .startswith("# yaml-language-server: $schema=https://council.example.com/schema/council.json\n")
    )


def test_the_hook_calls_the_command() -> None:
    (hook,) = yaml.safe_load((Path(__file__).parents[3] / ".pre-commit-hooks.yaml").read_text())
    assert hook["entry"] == "council config check" and hook["files"] == r"^\.github/council\.yml$"
