"""Every process that the product starts: where it is started, and its whole environment."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from app.configuration.child_environments import RUNTIME, SERVER, STORE
from app.configuration.settings import (
    Settings,
    child_environment,
    program_environment,
    read_settings,
    sandbox_environment,
    upgrade_environment,
)
from app.git.repository import open_repository
from app.queue.valkey import EmbeddedValkey
from reviewers.seats.analyzers.process import run
from tests.app.git.repositories import repository
from tests.syntax import parse

ROOT = Path(__file__).parents[2]
STARTS = {
    "create_subprocess_exec",
    "create_subprocess_shell",
    "Popen",
    "run_process",
    "check_output",
    "posix_spawn",
    "execv",
}
PLACES = {
    "app/cli/demo.py",
    "app/git/child.py",
    "app/queue/valkey.py",
    "app/repositories/indexing.py",
    "app/repositories/indexing_child.py",
    "app/sandbox/control/client.py",
    "app/serve.py",
    "app/operations/migration_process.py",
    "app/store/engine/postgres_backup.py",
    "reviewers/seats/analyzers/process.py",
}
SECRETS = {
    "WEBHOOK_SECRET": "s3cret",
    "COUNCIL_MASTER_KEY": "master",
    "GITHUB_CLIENT_SECRET": "client",
    "DATABASE_URL": "postgresql://u:p@h/d",
    "OPENAI_API_KEY": "sk-1",
    "AWS_PROFILE": "mine",
    "GIT_DIR": "/elsewhere",
    "GIT_SSH_COMMAND": "touch /tmp/ran",
    "LD_PRELOAD": "",
    "ANYTHING": "else",
}
GIT = {
    "LANG": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_ALLOW_PROTOCOL": "",
}
READING = GIT | {"GIT_NO_LAZY_FETCH": "1", "GIT_ATTR_SOURCE": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"}


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("HOME", "/nonexistent")
    monkeypatch.delenv("LANG", raising=False)


def calls(path: Path) -> list[ast.Call]:
    tree = parse(path.read_text())
    names = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return [node for node in names if getattr(node.func, "attr", getattr(node.func, "id", "")) in STARTS]


def test_every_process_start_names_its_environment() -> None:
    files = [path for name in ("app", "reviewers", "webhooks") for path in (ROOT / name).rglob("*.py")]
    found = {path.relative_to(ROOT).as_posix(): calls(path) for path in files}
    assert {path for path, nodes in found.items() if nodes} == PLACES
    for path, nodes in found.items():
        assert all("env" in {keyword.arg for keyword in node.keywords} for node in nodes), path


def test_every_setting_reaches_the_servers_processes() -> None:
    """A setting that is read and not listed would be lost between `council serve` and its children."""
    asked = set(re.findall(r'values(?:\.get\(|, )"([A-Z_]+)"', (ROOT / "app/configuration/settings.py").read_text()))
    # The next key of a rotation is only for the command that rotates.
    asked -= {"COUNCIL_MASTER_KEY_NEW"}
    assert len(asked) > 25 and asked <= set(SERVER), asked - set(SERVER)


def recording_git(folder: Path, log: Path) -> str:
    """A PATH whose git writes its environment to a file before it works."""
    folder.mkdir()
    script = (
        f"#!{sys.executable}\nimport json, os, sys\nopen({str(log)!r}, 'a').write(json.dumps([sys.argv[1:], dict(os.environ)]) + '\\n')\n"
    )
    program = folder / "git"
    program.write_text(script + "os.environ['PATH'] = os.environ['PATH'].split(':', 1)[1]\nos.execvp('git', sys.argv)\n")
    program.chmod(0o755)
    return f"{folder}:{program_environment()['PATH']}"


async def test_git_gets_path_home_and_lang_and_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = repository(tmp_path / "main")
    path = recording_git(tmp_path / "bin", tmp_path / "log")
    monkeypatch.setenv("PATH", path)
    async with open_repository(folder) as opened:
        chosen = await opened.resolve("HEAD~1...HEAD")
        await opened.snapshot(chosen)
        await opened.config(chosen.base)
    children = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert len(children) > 8
    for words, environment in children:
        assert environment.pop("GIT_DIR").startswith("/") and str(folder) not in environment.values()
        environment.pop("LC_CTYPE", None)  # Python's own, added by the recorder.
        expected = GIT if "--file" in words else READING
        assert environment == {"PATH": path, "HOME": "/nonexistent", **expected}, words
        assert not any(str(folder) in word for word in words)


async def test_an_analyzer_gets_almost_no_environment() -> None:
    done = await run([sys.executable, "-c", "import os; print(sorted(os.environ.items()))"], "", 20)
    inside = dict(ast.literal_eval(done.output))
    inside.pop("LC_CTYPE", None)
    assert inside == {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent"}


async def test_valkey_gets_path_home_and_lang(tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path)
    process = await valkey.start()
    try:
        rows = Path(f"/proc/{process.pid}/environ").read_bytes().split(b"\0")
    finally:
        await valkey.stop()
    assert {row.partition(b"=")[0].decode() for row in rows if row} <= {"PATH", "HOME", "LANG"}


def test_only_the_worker_gets_the_providers_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server's other processes get their settings."""
    import os

    for name in (*SERVER, *RUNTIME):
        if name not in {"PATH", "HOME"}:
            monkeypatch.setenv(name, "1")
    settings = Settings(providers=read_settings({"OPENAI_API_KEY": "sk-1"}).providers)
    web, worker = child_environment(settings, with_keys=False), child_environment(settings, with_keys=True)
    assert set(web) == {*SERVER, *RUNTIME} and set(worker) == {*web, "OPENAI_API_KEY"}
    assert set(upgrade_environment()) == {*STORE, *RUNTIME} and set(sandbox_environment()) == set(RUNTIME)
    assert not {"GIT_DIR", "AWS_PROFILE", "LD_PRELOAD", "ANYTHING"} & set(worker)
    assert {name: os.environ[name] for name in web if name not in {"COUNCIL_POLL_SECONDS", "SMEE_URL"}}.items() <= web.items()
