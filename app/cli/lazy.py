"""A command group that imports a command only when it is used, so that a web process does not load the sandbox or the council."""

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class LazyGroup(TyperGroup):
    """Finds a command by its name in `places`: "module:function", or "module:app" for a subgroup.

    `summaries` describe the commands, so that help and completion import none of them.
    """

    places: ClassVar[Mapping[str, str]] = {}
    summaries: ClassVar[Mapping[str, str]] = {}
    _is_listing = False

    def list_commands(self, ctx: object) -> list[str]:
        """The names in the order of `places`."""
        return list(self.places)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer bundles click and exports none of its types
        """The help, from the summaries alone."""
        self._is_listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._is_listing = False

    def shell_complete(self, ctx: Any, incomplete: str) -> Any:  # noqa: ANN401 - as above
        """The names that start with `incomplete`, from the summaries alone."""
        self._is_listing = True
        try:
            return super().shell_complete(ctx, incomplete)
        finally:
            self._is_listing = False

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """The command. Fails with the nearest name if it is unknown."""
        if args and not args[0].startswith("-") and args[0] not in self.places:
            near = get_close_matches(args[0], self.places, n=1)
            hint = f'Did you mean "{near[0]}"?' if near else "`council --help` lists them."
            ctx.fail(f'Unknown command "{args[0][:80]}". {hint}')
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """Import and return the command; in a listing, return only its name and summary."""
        if cmd_name not in self.places:
            return None
        if self._is_listing:
            return TyperCommand(cmd_name, help=self.summaries.get(cmd_name, ""))
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
