"""INSERT … ON CONFLICT for SQLite and PostgreSQL."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, Insert, Table, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert as Upsert


def sql_table(row: type[SQLModel]) -> Table:
    """The Core table of a row class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def insert_or(row: type[SQLModel], dialect: str) -> "Upsert":
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, which both dialects spell alike."""
    # Each dialect takes some megabytes, and a process uses only one.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return cast("Upsert", sqlite.insert(sql_table(row)))
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(sql_table(row))


async def insert_all(connection: AsyncConnection, statement: Insert, rows: Sequence[Mapping[str, Any]]) -> CursorResult[Any]:
    """Insert rows, of which each has a value for the same columns. There is at least one.

    On PostgreSQL, each column is one array, so the statement does not depend on the number of rows: the database parses it once.
    """
    if connection.dialect.name == "sqlite":
        return await connection.execute(statement, [dict(row) for row in rows])
    from sqlalchemy.dialects.postgresql import ARRAY

    columns = [statement.table.c[name] for name in rows[0]]
    arrays = [bindparam(f"all_{column.name}", type_=ARRAY(column.type)) for column in columns]
    unnested = func.unnest(*arrays).table_valued(*(column.name for column in columns), name="new").render_derived()
    inserted = statement.from_select([column.name for column in columns], select(*unnested.c), include_defaults=False)
    return await connection.execute(inserted, {f"all_{name}": [row[name] for row in rows] for name in rows[0]})
