"""What `--help` of every command prints on a terminal of 80 columns."""

from importlib import import_module

import pytest
import typer
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from app.cli.main import CouncilCommands, app
from tests.snapshots import TextSnapshot

WIDTH = {"COLUMNS": "80", "TERMINAL_WIDTH": "80", "NO_COLOR": "1", "TERM": "dumb"}


@pytest.fixture
def golden(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    return snapshot.use_extension(TextSnapshot)


def subcommands(name: str) -> tuple[str, ...]:
    """The names of a group's commands; none for a command."""
    module, _, function = CouncilCommands.places[name].partition(":")
    found = getattr(import_module(module), function)
    return tuple(typer.main.get_group(found).commands) if isinstance(found, typer.Typer) else ()


def printed_by(*words: str) -> str:
    shown = CliRunner().invoke(app, list(words), env=WIDTH, terminal_width=80)
    assert shown.exit_code == 0, shown.output
    lines = [line.rstrip() for line in shown.output.split("\n")]
    assert max(map(len, lines)) <= 80
    return "\n".join(lines)


def test_help(golden: SnapshotAssertion) -> None:
    assert printed_by("--help") == golden


@pytest.mark.parametrize("name", CouncilCommands.places)
def test_help_of_a_command(name: str, golden: SnapshotAssertion) -> None:
    texts = [printed_by(name, "--help"), *(printed_by(name, command, "--help") for command in subcommands(name))]
    assert "\n".join(texts) == golden
