"""A temporary failure of the database or disk does not count against a job. A wrong statement of ours does."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError

from app.services.worker import WorkerServices
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobRow, JobState
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import InProcessSystem
from webhooks.jobs import ReviewPullRequest


@pytest.mark.parametrize(
    ("error", "failures"),
    [
        (OperationalError("SELECT 1", {}, Exception("the database system is shutting down\nsecret")), 0),
        (OSError(28, "No space left on device"), 0),
        (IntegrityError("INSERT", {}, Exception("NOT NULL constraint failed")), 1),
    ],
)
async def test_a_database_failure_counts_against_no_job(system: InProcessSystem, error: Exception, failures: int) -> None:
    async def fail(_services: WorkerServices, _claim: LeasedJob) -> JobState:
        raise error

    system.open()
    await system.sandbox.settled()
    await Worker(system.services, {**JOB_HANDLERS, ReviewPullRequest: replace(JOB_HANDLERS[ReviewPullRequest], run=fail)}).run_all()
    async with system.services.database.read() as connection:
        row = (await connection.execute(select(sql_table(JobRow)).where(sql_table(JobRow).c.kind == "review"))).one()
    assert (row.state, row.failures) == (JobState.QUEUED, failures)
    assert "secret" not in row.error and row.run_at > system.services.clock()
