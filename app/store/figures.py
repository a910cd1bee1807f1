"""What the whole instance is doing, counted from the tables: every process sees the same."""

from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.statements import table
from app.store.tables import JobRow, JobState, LedgerRow, RunRow

_JOB, _RUN, _LEDGER = table(JobRow), table(RunRow), table(LedgerRow)


@dataclass(frozen=True)
class ModelFigures:
    """Calls of one model that ended in one way ("" for an answer); seconds and dollars are sums."""

    model: str
    fault: str
    calls: int
    seconds: float
    usd: float


@dataclass(frozen=True)
class Figures:
    """`waiting_seconds` is how long the longest waiting due job has been due, 0 when none is."""

    jobs: dict[tuple[str, str], int]
    waiting_seconds: float
    runs: dict[str, int]
    models: tuple[ModelFigures, ...]


async def figures(connection: AsyncConnection, now: float) -> Figures:
    """Count."""
    jobs = select(_JOB.c.kind, _JOB.c.state, func.count().label("number")).group_by(_JOB.c.kind, _JOB.c.state)
    oldest = select(func.min(_JOB.c.run_at)).where(_JOB.c.state == JobState.QUEUED, _JOB.c.run_at <= now)
    runs = select(_RUN.c.state, func.count().label("number")).group_by(_RUN.c.state)
    settled = case((_LEDGER.c.settled_at.is_not(None), _LEDGER.c.settled_at - _LEDGER.c.created_at), else_=0.0)
    models = select(
        _LEDGER.c.model,
        _LEDGER.c.fault,
        func.count().label("calls"),
        func.sum(settled).label("seconds"),
        func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)).label("usd"),
    ).group_by(_LEDGER.c.model, _LEDGER.c.fault)
    first_due = (await connection.execute(oldest)).scalar()
    return Figures(
        jobs={(row.kind, row.state): row.number for row in await connection.execute(jobs)},
        waiting_seconds=max(0.0, now - first_due) if first_due is not None else 0.0,
        runs={row.state: row.number for row in await connection.execute(runs)},
        models=tuple(
            ModelFigures(row.model, row.fault, row.calls, float(row.seconds or 0.0), float(row.usd or 0.0))
            for row in await connection.execute(models)
        ),
    )
