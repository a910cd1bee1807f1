"""Counts what the whole instance is doing from the tables, so that every process sees the same."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import notifications
from app.store.engine.upsert import sql_table
from app.store.spending import daily_spending
from app.store.spending.daily_spending import Calls
from app.store.tables.core import JobRow, JobState, RunRow

_JOB, _RUN = sql_table(JobRow), sql_table(RunRow)


@dataclass(frozen=True)
class InstanceFigures:
    """`waiting_seconds` is how long the longest waiting due job has been due, 0 if none is."""

    jobs: dict[tuple[str, str], int]
    waiting_seconds: float
    runs: dict[str, int]
    models: tuple[Calls, ...]
    notifications: dict[tuple[str, str], int]


async def read_figures(connection: AsyncConnection, now: float) -> InstanceFigures:
    """Count the figures."""
    jobs = select(_JOB.c.kind, _JOB.c.state, func.count().label("number")).group_by(_JOB.c.kind, _JOB.c.state)
    oldest = select(func.min(_JOB.c.run_at)).where(_JOB.c.state == JobState.QUEUED, _JOB.c.run_at <= now)
    runs = select(_RUN.c.state, func.count().label("number")).group_by(_RUN.c.state)
    first_due = (await connection.execute(oldest)).scalar()
    return InstanceFigures(
        jobs={(row.kind, row.state): row.number for row in await connection.execute(jobs)},
        waiting_seconds=max(0.0, now - first_due) if first_due is not None else 0.0,
        runs={row.state: row.number for row in await connection.execute(runs)},
        models=await daily_spending.by_model(connection),
        notifications=await notifications.count_by_channel(connection),
    )
