"""What counts against a job, and that only the holder of the newest fence may write about a running one. On both databases."""

import pytest
from sqlalchemy import select, update

from app.errors import Superseded
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import (
    MOST_BLAME,
    MOST_CRASHES,
    MOST_FAILURES,
    MOST_GIVE_UP_TRIES,
    FailureRecord,
    LeasedJob,
    enter_stage,
    finish,
    postpone,
    postpone_end,
    require_lease,
)
from app.store.tables.core import JobRow, JobState
from tests.app.store.rows import insert_row
from webhooks.job_base import RepositoryRef
from webhooks.jobs import ReviewCause, ReviewPullRequest

JOB = sql_table(JobRow)
REVIEW = ReviewPullRequest(
    installation_id=42, repository=RepositoryRef(id=7, full_name="acme/shop"), number=5, head_sha="a" * 40, cause=ReviewCause.AUTO
)


def _claim(fence: int = 3, record: FailureRecord | None = None) -> LeasedJob:
    return LeasedJob("one", REVIEW, fence, record or FailureRecord(), 0.0)


async def _running(database: Database) -> None:
    async with database.write() as connection:
        await insert_row(connection, JOB, id="one", key="one", state=JobState.RUNNING, fence=3, stage="seats", crashes=2, blame=1.0)


async def _row(database: Database) -> dict[str, object]:
    async with database.read() as connection:
        return dict((await connection.execute(select(JOB))).one()._mapping)


@pytest.mark.parametrize(
    ("record", "full"),
    [
        (FailureRecord(), False),
        (FailureRecord(failures=MOST_FAILURES - 1), False),
        (FailureRecord(failures=MOST_FAILURES), True),
        (FailureRecord(crashes=MOST_CRASHES - 1), False),
        (FailureRecord(crashes=MOST_CRASHES), True),
        # Alone when the worker died: once may be chance, twice is not.
        (FailureRecord(crashes=1, blame=MOST_BLAME / 2), False),
        (FailureRecord(crashes=2, blame=MOST_BLAME), True),
        (FailureRecord(crashes=5, blame=0.5), False),
    ],
)
def test_when_a_job_is_not_tried_again(record: FailureRecord, full: bool) -> None:
    assert record.is_full is full


@pytest.mark.parametrize("failed", [True, False])
async def test_a_failure_counts_and_a_release_does_not(database: Database, failed: bool) -> None:
    await _running(database)
    async with database.write() as connection:
        await postpone(connection, _claim(), 9.0, "busy", failed=failed)
    row = await _row(database)
    assert (row["state"], row["run_at"], row["failures"], row["error"]) == (JobState.QUEUED, 9.0, int(failed), "busy")


@pytest.mark.parametrize("change", [{"fence": 4}, {"state": JobState.CANCELLED}])
async def test_only_the_holder_writes_about_a_job(database: Database, change: dict[str, object]) -> None:
    await _running(database)
    async with database.write() as connection:
        await connection.execute(update(JOB).values(change))
    before = await _row(database)
    async with database.write() as connection:
        await postpone(connection, _claim(), 9.0, "busy", failed=True)
        await finish(connection, _claim(), JobState.DONE, 9.0)
        await enter_stage(connection, _claim(), "other")
        await postpone_end(connection, _claim(), 9.0, "dead")
    assert await _row(database) == before
    with pytest.raises(Superseded):
        async with database.write() as connection:
            await require_lease(connection, _claim())


async def test_a_new_stage_resets_crashes(database: Database) -> None:
    await _running(database)
    async with database.write() as connection:
        await enter_stage(connection, _claim(), "seats")
    assert (await _row(database))["crashes"] == 2
    async with database.write() as connection:
        await enter_stage(connection, _claim(), "synthesis")
    row = await _row(database)
    assert (row["stage"], row["crashes"], row["blame"]) == ("synthesis", 0, 0.0)


async def test_reporting_an_end_is_tried_a_few_times(database: Database) -> None:
    await _running(database)
    for burial in range(MOST_GIVE_UP_TRIES):
        record = FailureRecord(failures=MOST_FAILURES + burial)
        async with database.write() as connection:
            await connection.execute(update(JOB).values(state=JobState.RUNNING))
            again = await postpone_end(connection, _claim(record=record), 9.0, "dead")
        assert again is (burial < MOST_GIVE_UP_TRIES - 1)
