"""Queries that show whether a server works: what arrived, what waits, and which model answered."""

from dataclasses import dataclass

from sqlalchemy import Row, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.notifications import FailingChannel, failing_channels
from app.store.reviews.runs import REFUSED
from app.store.tables.core import DeliveryRow, InstallationRow, JobRow, JobState, LedgerRow, RunRow

_DELIVERY, _INSTALLATION, _JOB, _LEDGER, _RUN = (sql_table(row) for row in (DeliveryRow, InstallationRow, JobRow, LedgerRow, RunRow))

_WEEK = 7 * 24 * 3600.0
_KEPT_SECONDS = 3 * 24 * 3600.0


@dataclass(frozen=True)
class Health:
    """Times are seconds since the epoch, None for never. `waiting_seconds` is how late the oldest due job is.

    `refused` lists the surfaces that GitHub refused in the last week, with the missing permission, newest first. `channels` are the
    notification channels whose last message did not arrive.
    """

    installations: int
    last_delivery: float | None
    last_job: float | None
    waiting_seconds: float
    dead: int
    last_answer: float | None
    last_model: str
    refused: tuple[str, ...] = ()
    channels: tuple[FailingChannel, ...] = ()


async def health(connection: AsyncConnection, now: float) -> Health:
    """The health of the server, from indexed columns."""
    installed = await connection.scalar(select(func.count()).select_from(_INSTALLATION).where(_INSTALLATION.c.removed.is_(False)))
    due = await connection.scalar(select(func.min(_JOB.c.run_at)).where(_JOB.c.state == JobState.QUEUED, _JOB.c.run_at <= now))
    dead = await connection.scalar(select(func.count()).select_from(_JOB).where(_JOB.c.state == JobState.DEAD))
    answered = select(_LEDGER.c.settled_at, _LEDGER.c.model).where(_LEDGER.c.settled_at.is_not(None), _LEDGER.c.fault == "")
    call = (await connection.execute(answered.order_by(_LEDGER.c.settled_at.desc()).limit(1))).first()
    return Health(
        installations=installed or 0,
        last_delivery=await connection.scalar(select(func.max(_DELIVERY.c.received_at))),
        last_job=await connection.scalar(select(func.max(_JOB.c.finished_at))),
        waiting_seconds=now - due if due else 0.0,
        dead=dead or 0,
        last_answer=call.settled_at if call else None,
        last_model=call.model if call else "",
        refused=await _refused(connection, now),
        channels=tuple(await failing_channels(connection, now)),
    )


async def _refused(connection: AsyncConnection, now: float) -> tuple[str, ...]:
    # A literal, so that the planner knows that the index of runs with a reason (migration 0019) applies.
    recent = (_RUN.c.updated_at > now - _WEEK, text("run.reason <> ''"), _RUN.c.reason.startswith(REFUSED))
    query = select(_RUN.c.repository, _RUN.c.reason, func.max(_RUN.c.updated_at)).where(*recent).group_by(_RUN.c.repository, _RUN.c.reason)
    rows = await connection.execute(query.order_by(func.max(_RUN.c.updated_at).desc()).limit(20))
    return tuple(f"{row.repository}: {row.reason.removeprefix(REFUSED)}" for row in rows)


@dataclass(frozen=True)
class DeliveryFacts:
    guid: str
    event: str
    action: str
    state: str
    jobs: int
    received_at: float

    def kept(self, now: float) -> bool:
        """Whether GitHub still has the delivery: it keeps three days, and a redelivery may be later than our first receipt."""
        return now - self.received_at < _KEPT_SECONDS


async def deliveries(connection: AsyncConnection, limit: int = 50, *, with_noise: bool = False) -> list[DeliveryFacts]:
    """The latest deliveries first. Noise are deliveries that caused no job, such as GitHub's echo of Council's posts."""
    query = select(_DELIVERY).order_by(_DELIVERY.c.received_at.desc()).limit(limit)
    if not with_noise:
        query = query.where(_DELIVERY.c.jobs > 0)
    return [_delivery(row) for row in await connection.execute(query)]


async def delivery(connection: AsyncConnection, guid: str) -> DeliveryFacts | None:
    """One delivery."""
    row = (await connection.execute(select(_DELIVERY).where(_DELIVERY.c.guid == guid))).first()
    return _delivery(row) if row else None


def _delivery(row: Row[tuple[object, ...]]) -> DeliveryFacts:
    return DeliveryFacts(row.guid, row.event, row.action, row.state, row.jobs, row.received_at)
