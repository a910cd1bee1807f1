"""A group whose commands are imported when they are used: a web process has no use for the sandbox, the tokenizer or the council."""

import ast
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup


class LazyGroup(TyperGroup):
    """Finds a command by its name in `places`: "module:function", or "module:app" for a group of its own."""

    places: ClassVar[Mapping[str, str]] = {}
    _listing = False

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - typer brings a copy of click that names no types
        """The list of commands, without importing them all: that would take two seconds."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False

    def list_commands(self, ctx: object) -> list[str]:
        """The names, in their order."""
        return list(self.places)

    def get_command(self, ctx: object, cmd_name: str) -> Any:  # noqa: ANN401 - typer brings a copy of click that names no types
        """The command, its module imported now."""
        if cmd_name not in self.places:
            return None
        module, _, name = self.places[cmd_name].partition(":")
        if self._listing:
            return TyperCommand(cmd_name, help=read_help(module, name))
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


def read_help(module: str, name: str) -> str:
    """What a command says of itself, read from its source: the docstring of a function, or the `help` of a group."""
    spec = find_spec(module)
    source = Path(spec.origin) if spec is not None and spec.origin else None
    if source is None:
        return ""
    for node in ast.parse(source.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return ast.get_docstring(node) or ""
        is_group = isinstance(node, ast.Assign) and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
        if is_group and isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            texts = [each.value.value for each in node.value.keywords if each.arg == "help" and isinstance(each.value, ast.Constant)]
            return str(texts[0]) if texts else ""
    return ""
