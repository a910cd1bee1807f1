"""Hold a job: prolong its lease while it runs, and stop it when the lease or the need for it is gone."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.errors import Superseded
from app.store.database import Database
from app.store.jobs import Claim, beat
from app.store.runs import still_wanted
from webhooks.jobs import ReviewPullRequest


@dataclass(frozen=True)
class LeaseTimes:
    """Seconds: how long a silent holder keeps a job, how often it speaks, how often a worker looks for work."""

    lease: float = 15.0
    heartbeat: float = 5.0
    poll: float = 2.0


@asynccontextmanager
async def held(database: Database, claim: Claim, times: LeaseTimes, clock: Callable[[], float]) -> AsyncIterator[None]:
    """Run the body under the lease; raises Superseded out of it when the lease was lost or nobody wants the head any more."""
    body = asyncio.current_task()
    reasons: list[str] = []

    async def watch() -> None:
        while True:
            await asyncio.sleep(times.heartbeat)
            with contextlib.suppress(SQLAlchemyError, OSError):
                if reason := await _look(database, claim, times, clock):
                    reasons.append(reason)
                    if body is not None:
                        body.cancel()
                    return

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if reasons and body is not None:
            body.uncancel()
            raise Superseded(reasons[0]) from None
        raise
    finally:
        watcher.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watcher


async def _look(database: Database, claim: Claim, times: LeaseTimes, clock: Callable[[], float]) -> str:
    """Prolong the lease; says why the job must stop, or ""."""
    async with database.write() as connection:
        if not await beat(connection, claim, clock(), times.lease):
            return "the lease was lost"
        job = claim.job
        if isinstance(job, ReviewPullRequest) and job.head_sha:
            try:
                await still_wanted(connection, job.repository.id, job.number, job.head_sha)
            except Superseded as error:
                return str(error)
    return ""
