"""`council context` shows what a model gets of local commits and of a pull request."""

import json
from pathlib import Path

from tests.app.cli.test_commands import council, git, inside
from tests.stories.harness import BASE, HEAD, open_system

BIDI = "access = 'user\u202e'  # checked\n"


def committed(folder: Path) -> None:
    git(folder, "init", "-q", "-b", "main")
    manifest = {"pyproject.toml": '[project]\nname = "shop"\ndependencies = ["httpx>=0.27"]\n'}
    for turn, files in enumerate((BASE | manifest, HEAD | {"app/role.py": BIDI, "yarn.lock": "x\n"})):
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "-q", "-m", f"turn {turn}")


async def test_the_context_of_local_commits(tmp_path: Path) -> None:
    committed(tmp_path)
    env = {"COUNCIL_DATA": str(tmp_path / "data")}
    code, out, err = await council("context", "HEAD~1..HEAD", "--json", "--repo", str(tmp_path), env=env)
    assert code == 0, err
    shown = json.loads(out)
    [part] = shown["parts"]
    assert {"diff", "project", "signatures"} <= {block["kind"] for block in part["blocks"]}
    assert all(block["why"] and block["tokens"] for block in part["blocks"])
    assert "files by language: Python" in part["text"]
    assert "httpx>=0.27" in part["text"]
    assert 'before: ["app/cart.py"' in part["text"]
    assert '"app" ' in part["text"]
    assert shown["unseen"] == [{"path": "yarn.lock", "reason": "left out by the `paths` setting"}]
    assert "\\u{202e}" in part["text"]
    assert "\u202e" not in out
    code, out, _ = await council("context", "HEAD~1..HEAD", "--repo", str(tmp_path), env=env)
    assert code == 0
    assert "Secrets are masked; nothing was sent." in out
    assert "not shown in full: yarn.lock: left out by the `paths` setting" in out


async def test_a_budget_is_kept_and_what_is_dropped_is_named(tmp_path: Path) -> None:
    committed(tmp_path)
    env = {"COUNCIL_DATA": str(tmp_path / "data")}
    code, out, _ = await council("context", "HEAD~1..HEAD", "--json", "--budget", "400", "--repo", str(tmp_path), env=env)
    shown = json.loads(out)
    assert code == 0
    assert all(part["tokens"] <= 400 for part in shown["parts"])
    assert any(part["left_out"] for part in shown["parts"])


async def test_the_context_of_a_pull_request(tmp_path: Path) -> None:
    async with open_system(tmp_path / "house") as system:
        system.sandbox.world.app.webhook_url = ""
        pull = system.open()
        log = "##[group]Run pytest\napp/cart.py:6: in average\nE   ZeroDivisionError\n##[error]Process completed with exit code 1.\n"
        system.repository.add_failing_job(pull.head_sha, "unit tests", log)
        code, out, err = await council("context", f"acme/shop#{pull.number}", "--json", env=inside(system, tmp_path / "d"))
        assert code == 0, err
        [part] = json.loads(out)["parts"]
        assert "failing check unit tests" in {block["name"] for block in part["blocks"]}
        assert "ZeroDivisionError" in part["text"]
        assert 'names-changed-lines="app/cart.py:6"' in part["text"]
        assert system.sandbox.log.writes() == []


async def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    committed(tmp_path)
    code, out, err = await council("context", "nowhere..HEAD", "--repo", str(tmp_path), env={"COUNCIL_DATA": str(tmp_path / "data")})
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert err.startswith("council: ")
