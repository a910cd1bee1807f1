"""Any row of any table: each column's value is made from its type, so that a test can fill tables that nobody listed."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

import app.store


def all_tables() -> tuple[Table, ...]:
    """Every table of the schema, by name: those of all modules of the store, whichever are imported so far."""
    for module in pkgutil.walk_packages(app.store.__path__, "app.store."):
        if not module.name.startswith("app.store.migrations"):
            importlib.import_module(module.name)
    return tuple(sorted(SQLModel.metadata.tables.values(), key=lambda table: table.name))


def tables_with(column: str) -> Iterator[Table]:
    """The tables that have this column."""
    return (table for table in all_tables() if column in table.c)


async def insert_row(connection: AsyncConnection, table: Table, **values: object) -> None:
    """A row with these values. The other required columns get the simplest value of their type."""
    row: dict[str, object] = {}
    for column in table.c:
        if column.name in values:
            row[column.name] = values[column.name]
        elif not column.nullable and column.default is None and column.server_default is None and column.autoincrement is not True:
            row[column.name] = _simplest(column.type.python_type, "-".join(map(str, values.values())))
    await connection.execute(table.insert().values(row))


def is_text(column: Column[Any]) -> bool:
    """Whether a column holds text. SQLModel's own text type names no Python type."""
    return column.type.python_type in {str, object}


def _simplest(kind: type, unique: str) -> object:
    # A text may have to be unique, like a job's key.
    return {int: 0, float: 0.0, bool: False, bytes: b""}.get(kind, unique)
