"""`/council help`: what can be asked here."""

from collections.abc import Iterable

from webhooks.commands.command import Command


def text(commands: Iterable[Command]) -> str:
    """The answer to `/council help`, derived from the list of commands."""
    lines = ["### Council: commands", "", "| | |", "|---|---|"]
    lines += [f"| `{command.usage}` | {command.does} |" for command in commands]
    return "\n".join(lines)
