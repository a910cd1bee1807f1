"""Stores when each installation's content was last written on GitHub."""

from collections.abc import Sequence

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.github_api import GitHubWriteRow

_WRITE = sql_table(GitHubWriteRow)


async def lock_installation(connection: AsyncConnection, installation_id: int) -> None:
    """Serialize the writers of one installation. SQLite's write transaction already does."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": installation_id})


async def recent_writes(connection: AsyncConnection, installation_id: int, since: float) -> Sequence[float]:
    """The times of writes, oldest first. Times before `since` are deleted."""
    mine = _WRITE.c.installation_id == installation_id
    await connection.execute(delete(_WRITE).where(mine, _WRITE.c.at < since))
    return (await connection.execute(select(_WRITE.c.at).where(mine).order_by(_WRITE.c.at))).scalars().all()


async def note_write(connection: AsyncConnection, write_id: str, installation_id: int, at: float) -> None:
    """Record a write that is about to be sent."""
    await connection.execute(insert_or(GitHubWriteRow, connection.dialect.name).values(id=write_id, installation_id=installation_id, at=at))
