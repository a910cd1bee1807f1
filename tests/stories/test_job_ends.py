"""What an error means for a job, and what happens to a job whose worker stops."""

import asyncio
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select

from app.errors import RateLimited, Unavailable
from app.services.worker import WorkerServices
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobRow, JobState
from app.work.job_handler import JobHandler
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import InProcessSystem
from webhooks.jobs import ReviewPullRequest

JOB = sql_table(JobRow)
# The Worker adds up to a fifth to a pause, so that jobs that stopped together do not resume together.
SPREAD = 1.2


@dataclass
class Failing:
    """A review that ends with an error."""

    error: Exception

    async def __call__(self, services: WorkerServices, claim: LeasedJob) -> JobState:
        raise self.error


class Endless:
    """A review that runs until it is stopped."""

    def __init__(self) -> None:
        self.began = asyncio.Event()

    async def __call__(self, services: WorkerServices, claim: LeasedJob) -> JobState:
        self.began.set()
        await asyncio.Event().wait()
        return JobState.DONE


async def review_of(system: InProcessSystem) -> JobRow:
    async with system.services.database.read() as connection:
        return (await connection.execute(select(JOB).where(JOB.c.kind == "review"))).one()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("error", "failures", "pause"),
    [
        (RateLimited("GitHub's rate limit", retry_after=1_800.0), 0, 1_800.0),
        (RateLimited("GitHub's rate limit"), 0, 60.0),
        (Unavailable("GitHub did not answer"), 1, 2.0),
    ],
)
async def test_a_rate_limit_is_waited_out_and_counts_against_no_job(
    system: InProcessSystem, error: Exception, failures: int, pause: float
) -> None:
    system.open()
    await system.sandbox.settled()
    moment = (await review_of(system)).run_at + 1
    services = replace(system.services, clock=lambda: moment)
    async with asyncio.timeout(5):
        await Worker(services, {**JOB_HANDLERS, ReviewPullRequest: JobHandler(ReviewPullRequest, Failing(error))}).run_all()
    job = await review_of(system)
    assert (job.state, job.failures) == (JobState.QUEUED, failures)
    assert moment + pause <= job.run_at <= moment + pause * SPREAD


async def test_running_jobs_are_released_at_shutdown_and_due_at_once(system: InProcessSystem) -> None:
    system.open()
    await system.sandbox.settled()
    moment, endless = (await review_of(system)).run_at + 1, Endless()
    worker = Worker(
        replace(system.services, clock=lambda: moment), {**JOB_HANDLERS, ReviewPullRequest: JobHandler(ReviewPullRequest, endless)}
    )
    running = asyncio.create_task(worker.run_until_stopped())
    async with asyncio.timeout(5):
        await endless.began.wait()
        worker.stop()
        await running
        await worker.drain(0.01)
    job = await review_of(system)
    assert (job.state, job.failures, job.crashes, job.run_at) == (JobState.QUEUED, 0, 0, moment)
