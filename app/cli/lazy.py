"""A group whose commands are imported when they are used: a web process has no use for the sandbox, the tokenizer or the council."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup


class LazyGroup(TyperGroup):
    """Finds a command by its name in `places`: "module:function", or "module:app" for a group of its own."""

    places: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: object) -> list[str]:
        """The names, in their order."""
        return list(self.places)

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ANN401 - typer carries a click of its own, and names no type of it
        """The command, its module imported now."""
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(":")
        found = getattr(import_module(module), name)
        command: Any
        if isinstance(found, typer.Typer):
            command = typer.main.get_group(found)
        else:
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(found)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command
