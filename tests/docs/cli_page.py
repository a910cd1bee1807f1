"""The reference of the command line: change here how the page is laid out; commands and options come from typer."""

from typing import Any

import typer

from app.cli.main import CouncilCommands, app
from tests.docs.markdown import code, fence, prose, table

_HEAD = prose("""
# Command line

`council COMMAND --help` says the same for one command. A command that looks at commits or reviews reads its keys from
the environment: [settings](settings.md).
""")


def write() -> str:
    """The page."""
    group: Any = typer.main.get_command(app)
    # The words keep typer from printing the help of an empty command line.
    context = group.make_context("council", ["demo"], resilient_parsing=True)
    overview = table(("command", "what it does"), [(f"[`council {name}`](#council-{name})", said) for name, said in _summaries()])
    parts = [_HEAD, overview, "\n"]
    parts += [_section(group.get_command(context, name), name, context, 2) for name in group.list_commands(context)]
    return "".join(parts).rstrip("\n") + "\n"


def _summaries() -> list[tuple[str, str]]:
    return [(name, CouncilCommands.summaries[name]) for name in CouncilCommands.places]


def _section(command: Any, name: str, parent: Any, depth: int) -> str:
    context = command.make_context(name, ["x"] if hasattr(command, "list_commands") else [], parent=parent, resilient_parsing=True)
    text = f"{'#' * depth} {context.command_path}\n\n{' '.join((command.help or '').split())}\n\n"
    if hasattr(command, "list_commands"):
        inner = (_section(command.get_command(context, each), each, context, depth + 1) for each in command.list_commands(context))
        return text + "".join(inner)
    text += fence(command.get_usage(context).removeprefix("Usage: "))
    records = [record for each in command.params if not getattr(each, "hidden", False) and (record := each.get_help_record(context))]
    rows = [(code(spelled), " ".join(said.split())) for spelled, said in records if spelled != "--help"]
    return f"{text}\n{table(('argument or option', 'what it does'), rows)}\n" if rows else f"{text}\n"
