"""Claim jobs under a lease, and end them: a growing fence makes every write of a former holder void."""

from dataclasses import dataclass

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.errors import Superseded
from app.store.statements import table
from app.store.tables import JobRow, JobState
from webhooks.jobs import Job

_JOB = table(JobRow)
_ADAPTER: TypeAdapter[Job] = TypeAdapter(Job)

MOST_FAILURES = 4
MOST_CRASHES = 2


@dataclass(frozen=True)
class Caps:
    """How many reviews run at once for one installation; other job kinds are small and not capped."""

    per_installation: int = 2


@dataclass(frozen=True)
class Claim:
    """A job held under a lease: whoever holds an older fence may write nothing."""

    job_id: str
    job: Job
    fence: int
    attempt: int
    crashes: int


async def due(connection: AsyncConnection, now: float, caps: Caps, most: int) -> list[str]:
    """The ids of jobs that may be claimed now: fewest running per installation first, then the oldest."""
    running = (
        select(_JOB.c.installation_id, func.count().label("running"))
        .where(_JOB.c.state == JobState.RUNNING, _JOB.c.kind == "review", _JOB.c.lease_until >= now)
        .group_by(_JOB.c.installation_id)
        .subquery()
    )
    busy = func.coalesce(running.c.running, 0)
    query = (
        select(_JOB.c.id)
        .join(running, running.c.installation_id == _JOB.c.installation_id, isouter=True)
        .where(_claimable(now))
        .where(or_(_JOB.c.kind != "review", busy < caps.per_installation))
        .order_by(busy, _JOB.c.run_at)
        .limit(most)
    )
    return [row.id for row in await connection.execute(query)]


def _claimable(now: float) -> ColumnElement[bool]:
    return or_(
        (_JOB.c.state == JobState.QUEUED) & (_JOB.c.run_at <= now),
        (_JOB.c.state == JobState.RUNNING) & (_JOB.c.lease_until < now),
    )


async def claim(connection: AsyncConnection, job_id: str, owner: str, now: float, lease: float) -> Claim | None:
    """Take a job that is due or whose holder went silent; None when somebody else has it."""
    query = select(_JOB).where(_JOB.c.id == job_id, _claimable(now)).with_for_update(skip_locked=True)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    crashes = row.crashes + (row.state == JobState.RUNNING)
    values = {"state": JobState.RUNNING, "fence": row.fence + 1, "lease_until": now + lease, "owner": owner, "crashes": crashes}
    await connection.execute(update(_JOB).where(_JOB.c.id == job_id).values(values))
    return Claim(job_id, _ADAPTER.validate_json(row.payload), row.fence + 1, row.failures + 1, crashes)


async def beat(connection: AsyncConnection, claim: Claim, now: float, lease: float) -> bool:
    """Prolong the lease; False when it was lost."""
    mine = _mine(claim)
    result = await connection.execute(update(_JOB).where(*mine).values(lease_until=now + lease))
    return bool(result.rowcount)


async def hold(connection: AsyncConnection, claim: Claim) -> None:
    """Raise Superseded unless the claim still holds; on PostgreSQL the row stays locked until the transaction ends."""
    row = (await connection.execute(select(_JOB.c.id).where(*_mine(claim)).with_for_update())).first()
    if row is None:
        raise Superseded("the lease was lost")


async def finish(connection: AsyncConnection, claim: Claim, state: JobState, now: float, error: str = "") -> None:
    """End the job; nothing happens when the lease was lost."""
    values = {"state": state, "finished_at": now, "lease_until": 0.0, "error": error[:2000]}
    await connection.execute(update(_JOB).where(*_mine(claim)).values(values))


async def postpone(connection: AsyncConnection, claim: Claim, run_at: float, error: str, *, failed: bool) -> None:
    """Queue the job again for later; `failed` counts towards its end as dead, handing back does not."""
    values = {
        "state": JobState.QUEUED,
        "run_at": run_at,
        "lease_until": 0.0,
        "error": error[:2000],
        "failures": _JOB.c.failures + int(failed),
    }
    await connection.execute(update(_JOB).where(*_mine(claim)).values(values))


async def enter(connection: AsyncConnection, claim: Claim, stage: str) -> None:
    """Note the stage; crashes are counted within one."""
    query = select(_JOB.c.stage).where(_JOB.c.id == claim.job_id)
    if (await connection.execute(query)).scalar() != stage:
        await connection.execute(update(_JOB).where(*_mine(claim)).values(stage=stage, crashes=0))


def _mine(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (_JOB.c.id == claim.job_id, _JOB.c.fence == claim.fence, _JOB.c.state == JobState.RUNNING)
