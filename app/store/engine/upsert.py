"""INSERT … ON CONFLICT for SQLite and PostgreSQL."""

from typing import TYPE_CHECKING, cast

from sqlalchemy import Table
from sqlmodel import SQLModel

if TYPE_CHECKING:
    from sqlalchemy.dialects.postgresql import Insert


def sql_table(row: type[SQLModel]) -> Table:
    """The Core table of a row class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def insert_or(row: type[SQLModel], dialect: str) -> "Insert":
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, which both dialects spell alike."""
    # Each dialect takes some megabytes, and a process uses only one.
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite

        return cast("Insert", sqlite.insert(sql_table(row)))
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(sql_table(row))
