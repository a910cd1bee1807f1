"""`/council help`: list the commands."""

from collections.abc import Iterable

from webhooks.commands.command import Command


def text(commands: Iterable[Command]) -> str:
    """The answer to `/council help`, built from the list of commands: one table per group, in the order of the list."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        groups.setdefault(command.group, []).append(command)
    tables = (_table(name, members) for name, members in groups.items())
    return "\n\n".join(["### Council: commands", *tables])


def _table(name: str, commands: Iterable[Command]) -> str:
    return "\n".join([f"| {name} | |", "|---|---|", *(f"| `{command.usage}` | {command.does} |" for command in commands)])
