"""Queries on a leased job. A fencing number makes writes by a previous holder no-ops."""

from dataclasses import dataclass
from typing import Generic

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from typing_extensions import TypeVar

from app.errors import Superseded
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState
from webhooks.jobs import Job

_JOB = sql_table(JobRow)
# The job's type: a handler names the one that it takes, and everything else takes any.
J_co = TypeVar("J_co", bound=Job, default=Job, covariant=True)

MOST_FAILURES = 4
# How often a worker tries to report that a job was given up.
MOST_GIVE_UP_TRIES = 4
# Per stage. A dying worker takes all its jobs down: a job that was alone gets the whole blame, one of ten gets a tenth.
MOST_BLAME = 2.0
MOST_CRASHES = 6


@dataclass(frozen=True)
class FailureRecord:
    """A job's failures in total, and its crashes and share of crash blame in the current stage."""

    failures: int = 0
    crashes: int = 0
    blame: float = 0.0

    @property
    def is_full(self) -> bool:
        """Whether the job must not be tried again."""
        return self.failures >= MOST_FAILURES or self.crashes >= MOST_CRASHES or self.blame > MOST_BLAME - 0.01


@dataclass(frozen=True)
class LeasedJob(Generic[J_co]):
    """A leased job. A holder with an older fence may write nothing.

    `since` is when it was first requested, `due` when it could start, `error` why it is retried, `begun` when this try started, and `trace`
    the step of a trace that requested it.
    """

    job_id: str
    job: J_co
    fence: int
    record: FailureRecord
    since: float
    error: str = ""
    begun: float = 0.0
    due: float = 0.0
    trace: str = ""

    @property
    def attempt(self) -> int:
        """1 for the first attempt. Crashes do not count."""
        return self.record.failures + 1


async def extend_lease(connection: AsyncConnection, claim: LeasedJob, lease_until: float, company: int) -> bool:
    """Extend the lease, and record how many jobs the holder has. Returns False if the lease was lost."""
    result = await connection.execute(update(_JOB).where(*_mine(claim)).values(lease_until=lease_until, company=company))
    return bool(result.rowcount)


async def require_lease(connection: AsyncConnection, claim: LeasedJob) -> None:
    """Raise Superseded unless the claim is still valid. On PostgreSQL the row stays locked until the transaction ends."""
    row = (await connection.execute(select(_JOB.c.id).where(*_mine(claim)).with_for_update())).first()
    if row is None:
        raise Superseded("the lease was lost")


async def renew_lease(connection: AsyncConnection, claim: LeasedJob, lease_until: float) -> None:
    """Extend the lease, even an expired one if no other worker took the job. Raise Superseded if one did."""
    result = await connection.execute(update(_JOB).where(*_mine(claim)).values(lease_until=lease_until))
    if not result.rowcount:
        raise Superseded("the lease was lost")


async def was_cancelled(connection: AsyncConnection, claim: LeasedJob) -> bool:
    """Whether this job was ended while it was held, and no other worker holds it now."""
    row = (await connection.execute(select(_JOB.c.state, _JOB.c.fence).where(_JOB.c.id == claim.job_id))).first()
    return row is not None and row.fence == claim.fence and row.state == JobState.CANCELLED


async def finish(connection: AsyncConnection, claim: LeasedJob, state: JobState, now: float, error: str = "") -> None:
    """End the job. Does nothing if the lease was lost."""
    values = {"state": state, "finished_at": now, "lease_until": 0.0, "error": error[:2000]}
    await connection.execute(update(_JOB).where(*_mine(claim)).values(values))


async def postpone(connection: AsyncConnection, claim: LeasedJob, run_at: float, error: str, *, failed: bool) -> None:
    """Queue the job again for later. With `failed` this counts toward giving it up; a release does not."""
    values = {
        "state": JobState.QUEUED,
        "run_at": run_at,
        "lease_until": 0.0,
        "error": error[:2000],
        "failures": _JOB.c.failures + int(failed),
    }
    await connection.execute(update(_JOB).where(*_mine(claim)).values(values))


async def postpone_end(connection: AsyncConnection, claim: LeasedJob, run_at: float, error: str) -> bool:
    """Try later to report that the job was given up. Returns False after enough tries."""
    failures = max(MOST_FAILURES, claim.record.failures + 1)
    if failures >= MOST_FAILURES + MOST_GIVE_UP_TRIES:
        return False
    values = {"state": JobState.QUEUED, "run_at": run_at, "lease_until": 0.0, "error": error[:2000], "failures": failures}
    await connection.execute(update(_JOB).where(*_mine(claim)).values(values))
    return True


async def enter_stage(connection: AsyncConnection, claim: LeasedJob, stage: str) -> None:
    """Record the stage. Crashes are counted within one."""
    query = select(_JOB.c.stage).where(_JOB.c.id == claim.job_id)
    if (await connection.execute(query)).scalar() != stage:
        await connection.execute(update(_JOB).where(*_mine(claim)).values(stage=stage, crashes=0, blame=0.0))


def _mine(claim: LeasedJob) -> tuple[ColumnElement[bool], ...]:
    return (_JOB.c.id == claim.job_id, _JOB.c.fence == claim.fence, _JOB.c.state == JobState.RUNNING)
