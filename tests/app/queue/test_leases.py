"""A job stops when its lease is lost or its head is outdated, and its lease is renewed while it runs. On both databases."""

import asyncio

import pytest
from sqlalchemy import select, update

from app.errors import Superseded
from app.queue.leases import Lease, LeaseTimes, hold_lease
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.reviews.runs import set_wanted_head
from app.store.tables.core import JobRow, JobState
from tests.app.store.rows import insert_row
from webhooks.job_base import RepositoryRef
from webhooks.jobs import Job, NoteThread, ReviewCause, ReviewPullRequest

TIMES = LeaseTimes(lease=15.0, heartbeat=0.01)
REPOSITORY = RepositoryRef(id=7, full_name="acme/shop")
REVIEW = ReviewPullRequest(installation_id=42, repository=REPOSITORY, number=5, head_sha="a" * 40, cause=ReviewCause.AUTO)
JOB = sql_table(JobRow)


async def _claimed(database: Database, job: Job = REVIEW) -> LeasedJob:
    async with database.write() as connection:
        await insert_row(connection, JOB, id="one", key="one", state=JobState.RUNNING, fence=3, lease_until=1.0)
        await set_wanted_head(connection, 7, 5, "a" * 40)
    return LeasedJob("one", job, 3, FailureRecord(), 0.0)


async def _run(database: Database, claim: LeasedJob, body: asyncio.Event) -> None:
    async with hold_lease(Lease(database, claim, TIMES, lambda: 100.0, lambda: 4)):
        await asyncio.wait_for(body.wait(), 20)


async def _prolonged(database: Database) -> tuple[float, int]:
    """Wait until the lease was renewed. Returns its end, and how many jobs its holder reports."""
    async with asyncio.timeout(20):
        while True:
            async with database.read() as connection:
                row = (await connection.execute(select(JOB.c.lease_until, JOB.c.company))).one()
            if row.lease_until != 1.0:
                return row.lease_until, row.company
            await asyncio.sleep(0)


async def test_a_heartbeat_renews_the_lease_and_counts_jobs_held(database: Database) -> None:
    claim, done = await _claimed(database), asyncio.Event()
    running = asyncio.create_task(_run(database, claim, done))
    assert await _prolonged(database) == (115.0, 4)
    done.set()
    await running


async def test_a_lost_lease_stops_the_job(database: Database) -> None:
    claim = await _claimed(database)
    async with database.write() as connection:
        await connection.execute(update(JOB).values(fence=4))
    with pytest.raises(Superseded, match="the lease was lost"):
        await _run(database, claim, asyncio.Event())


async def test_an_outdated_head_stops_its_review(database: Database) -> None:
    claim = await _claimed(database)
    async with database.write() as connection:
        await set_wanted_head(connection, 7, 5, "b" * 40)
    with pytest.raises(Superseded):
        await _run(database, claim, asyncio.Event())


async def test_a_job_without_a_head_continues_whatever_the_head(database: Database) -> None:
    note = NoteThread(installation_id=42, repository=REPOSITORY, number=5, thread_id=1, login="ada", guid="g", resolved=True)
    claim, done = await _claimed(database, note), asyncio.Event()
    async with database.write() as connection:
        await set_wanted_head(connection, 7, 5, "b" * 40)
    done.set()
    await _run(database, claim, done)


async def test_a_foreign_cancellation_stays_a_cancellation(database: Database) -> None:
    running = asyncio.create_task(_run(database, await _claimed(database), asyncio.Event()))
    await _prolonged(database)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
