"""Counts who used which command today: in a repository, and paid commands in all repositories."""

from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.decisions import CommandUseRow

_USE = sql_table(CommandUseRow)


@dataclass(frozen=True)
class CommandUse:
    """A command that somebody gave. `paid` if it costs money; `account_id` is GitHub's, 0 if only the login is known.

    `repository_id` is 0 if GitHub does not know the repository.
    """

    job_id: str
    repository_id: int
    login: str
    command: str
    paid: bool
    account_id: int = 0


@dataclass(frozen=True)
class UsesToday:
    """What a person used today, without this command: in the repository, and paid commands in all repositories.

    `allowed` is whether this command was counted before and not refused, that is, it is being retried.
    """

    given: int
    paid: int
    refused: int
    allowed: bool = False


async def uses_today(connection: AsyncConnection, use: CommandUse, since: float) -> UsesToday:
    """Count today's commands. A refused command counts only as refused. Two commands of one person are counted in turn."""
    if connection.dialect.name == "postgresql":
        key = f"person:{use.account_id or use.login.lower()}"
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})
    by_login = func.lower(_USE.c.login) == use.login.lower()
    # A login may belong to another person tomorrow, an account may not.
    by_account = or_(_USE.c.account_id == use.account_id, and_(_USE.c.account_id == 0, by_login))
    mine = (by_account if use.account_id else by_login, _USE.c.at >= since)
    this, refused, here = _USE.c.job_id == use.job_id, _USE.c.refused, _USE.c.repository_id == use.repository_id
    which = (
        and_(~this, here, ~refused),
        and_(~this, _USE.c.paid, ~refused),
        and_(~this, here, refused),
        and_(this, ~refused),
    )
    counts = [func.coalesce(func.sum(case((condition, 1), else_=0)), 0) for condition in which]
    given, paid, declined, allowed = (await connection.execute(select(*counts).where(*mine))).one()
    return UsesToday(given, paid, declined, bool(allowed))


async def note_use(connection: AsyncConnection, use: CommandUse, refused: bool, now: float) -> None:
    """Record a command. The first record stays."""
    values = {
        "job_id": use.job_id,
        "repository_id": use.repository_id,
        "login": use.login,
        "command": use.command,
        "paid": use.paid,
        "account_id": use.account_id,
        "refused": refused,
        "at": now,
    }
    await connection.execute(insert_or(CommandUseRow, connection.dialect.name).values(values).on_conflict_do_nothing())
