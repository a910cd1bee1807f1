"""Holds a job's lease: renews it while the job runs, and stops the job when the lease is lost or it is no longer wanted."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.background import end_task
from app.errors import Superseded
from app.store.engine.database import Database
from app.store.queue.jobs import LeasedJob, extend_lease
from app.store.reviews.outbox import READ_LAG_SECONDS
from app.store.reviews.runs import still_wanted
from webhooks.jobs import ReviewPullRequest


@dataclass(frozen=True)
class LeaseTimes:
    """Seconds: how long a silent holder keeps a job, how often it renews, and how often a worker looks for jobs.

    `read_lag` is how long GitHub may not show what an earlier holder wrote.
    """

    lease: float = 15.0
    heartbeat: float = 5.0
    poll: float = 2.0
    read_lag: float = READ_LAG_SECONDS


@dataclass(frozen=True)
class Lease:
    """A claim and how to hold it. `company` returns how many jobs this process holds now."""

    database: Database
    claim: LeasedJob
    times: LeaseTimes
    clock: Callable[[], float]
    company: Callable[[], int] = lambda: 1


@asynccontextmanager
async def hold_lease(lease: Lease) -> AsyncIterator[None]:
    """Run the body under the lease. Raises Superseded out of it if the lease was lost or the head is outdated."""
    body = asyncio.current_task()
    reasons: list[str] = []

    async def watch() -> None:
        # Renew immediately: the worker may die within the first interval, and crash blame depends on how many jobs it held.
        while True:
            with contextlib.suppress(SQLAlchemyError, OSError):
                if reason := await _look(lease):
                    reasons.append(reason)
                    if body is not None:
                        body.cancel()
                    return
            await asyncio.sleep(lease.times.heartbeat)

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if reasons and body is not None:
            body.uncancel()
            raise Superseded(reasons[0]) from None
        raise
    finally:
        await end_task(watcher)


async def _look(lease: Lease) -> str:
    """Renew the lease. Returns why the job must stop, or ""."""
    async with lease.database.write() as connection:
        if not await extend_lease(connection, lease.claim, lease.clock() + lease.times.lease, lease.company()):
            return "the lease was lost"
        job = lease.claim.job
        if isinstance(job, ReviewPullRequest) and job.head_sha:
            try:
                await still_wanted(connection, job.repository.id, job.number, job.head_sha)
            except Superseded as error:
                return str(error)
    return ""
