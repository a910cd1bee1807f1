"""The one statement whose spelling differs between SQLite and PostgreSQL: insert, or else."""

from typing import cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import SQLModel


def table(row: type[SQLModel]) -> Table:
    """The Core table of a row class."""
    return SQLModel.metadata.tables[str(row.__tablename__)]


def insert(row: type[SQLModel], dialect: str) -> postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`; both dialects spell them alike."""
    if dialect == "sqlite":
        return cast(postgresql.Insert, sqlite.insert(table(row)))
    return postgresql.insert(table(row))
