"""What short commands print on a server without data, and the one line of each error."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from app import log
from app.cli.entry import _sentence
from app.cli.main import app
from tests.snapshots import TextSnapshot

UNSET = dict.fromkeys(
    ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "OPENROUTER_API_KEY", "DATABASE_URL", "REDIS_URL", "APP_ID", "COUNCIL_SEATS"),
    "",
)
COMMANDS = (
    *("jobs list", "jobs list --state dead", "jobs show abc", "jobs retry", "jobs retry abc", "jobs retry --all", "jobs drop abc"),
    *("jobs retry --all --kind reviews", "jobs retry --all --since soon", "status", "status acme/shop", "status acme/shop#1"),
    *("pause", "pause --all", "pause --all", "status", "resume --all", "resume --all", "resume", "audit verify"),
    *("findings acme/shop#1", "dismiss acme/shop#1 7f3a", "replay abc", "memory export acme/shop", "memory forget acme/shop --yes"),
    *(
        "ask ?  --as wizard",
        "models --provider nix",
        "look read",
        "config check nowhere.yml",
        "review acme/shop#1",
        "review --staged --worktree",
    ),
)


@pytest.fixture
def own_log() -> Iterator[None]:
    """The log of the other tests again: a command sends it to the stream of its runner, which is closed after it."""
    yield
    log.set_up(as_json=True, secrets=())


@pytest.mark.usefixtures("own_log")
def test_output_of_commands(snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    environment = {**UNSET, "COUNCIL_DATA": str(tmp_path), "COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1", "TERM": "dumb"}
    shown = []
    for command in COMMANDS:
        done = CliRunner().invoke(app, command.split(), env=environment)
        is_error = done.exception is not None and not isinstance(done.exception, SystemExit)
        said = f"council: {_sentence(done.exception, debug=False)}\n" if is_error else done.output  # type: ignore[arg-type]
        shown.append(f"$ council {command}\n{said}{'' if is_error else f'(exit {done.exit_code})'}".rstrip())
    text = "\n\n".join("\n".join(line.rstrip() for line in each.split("\n")) for each in shown)
    assert _without_time(text) == snapshot.use_extension(TextSnapshot)


def _without_time(text: str) -> str:
    head, mark, tail = text.partition("from the command line at ")
    return f"{head}{mark}<time>{tail[len('2026-11-29 19:53 UTC') :]}" if mark else text


@pytest.mark.parametrize("text", ["x", "paused from the command line at 2026-11-29 19:53 UTC; resume"])
def test_a_time_is_replaced(text: str) -> None:
    assert _without_time(text) in {"x", "paused from the command line at <time>; resume"}
