"""How the jobs ended of a process that works until none is left: when the next one is due, and which were given up."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState

_JOB = sql_table(JobRow)


async def next_due(connection: AsyncConnection) -> float | None:
    """When the first queued job is due, in seconds since the epoch. None if none is queued."""
    due: float | None = (await connection.execute(select(func.min(_JOB.c.run_at)).where(_JOB.c.state == JobState.QUEUED))).scalar()
    return due


async def given_up(connection: AsyncConnection) -> tuple[str, ...]:
    """Why jobs were given up, one line per job."""
    query = select(_JOB.c.kind, _JOB.c.error).where(_JOB.c.state == JobState.DEAD).order_by(_JOB.c.created_at)
    return tuple(f"{row.kind}: {row.error}" for row in await connection.execute(query))
