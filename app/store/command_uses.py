"""Who commanded what today."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.decision_tables import CommandUseRow
from app.store.statements import insert, table

_USE = table(CommandUseRow)


@dataclass(frozen=True)
class Use:
    """A command that somebody gave; `paid` where it costs money."""

    job_id: str
    repository_id: int
    login: str
    command: str
    paid: bool


@dataclass(frozen=True)
class Today:
    """What a person gave in a repository since the day began, without the command at hand."""

    given: int
    paid: int
    refused: int


async def today(connection: AsyncConnection, use: Use, since: float) -> Today:
    """Count; a refused command counts as refused alone."""
    mine = (_USE.c.repository_id == use.repository_id, func.lower(_USE.c.login) == use.login.lower(), _USE.c.at >= since)
    query = select(_USE.c.paid, _USE.c.refused, func.count().label("number")).where(*mine, _USE.c.job_id != use.job_id)
    rows = (await connection.execute(query.group_by(_USE.c.paid, _USE.c.refused))).all()
    return Today(
        given=sum(row.number for row in rows if not row.refused),
        paid=sum(row.number for row in rows if row.paid and not row.refused),
        refused=sum(row.number for row in rows if row.refused),
    )


async def note(connection: AsyncConnection, use: Use, refused: bool, now: float) -> None:
    """Note a command; the first word on it stands."""
    values = {
        "job_id": use.job_id,
        "repository_id": use.repository_id,
        "login": use.login,
        "command": use.command,
        "paid": use.paid,
        "refused": refused,
        "at": now,
    }
    await connection.execute(insert(CommandUseRow, connection.dialect.name).values(values).on_conflict_do_nothing())
