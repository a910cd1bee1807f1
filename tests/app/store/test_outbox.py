"""Intentions are written only under the lease and for the current head, and a write's result is known later. On both databases."""

import pytest
from sqlalchemy import select, update

from app.errors import Superseded
from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.jobs import FailureRecord, LeasedJob
from app.store.reviews.outbox import READ_LAG_SECONDS, SqlOutbox
from app.store.reviews.runs import Run, open_run, set_wanted_head
from app.store.tables.core import JobRow, JobState, PublicationRow
from tests.app.store.rows import insert_row
from webhooks.job_base import RepositoryRef
from webhooks.jobs import ReviewCause, ReviewPullRequest

HEAD, NEWER = "a" * 40, "b" * 40
JOB = sql_table(JobRow)
REVIEW = ReviewPullRequest(
    installation_id=42,
    repository=RepositoryRef(id=7, full_name="acme/shop"),
    number=5,
    head_sha=HEAD,
    cause=ReviewCause.AUTO,
    trigger="auto",
)


async def _opened(database: Database) -> tuple[SqlOutbox, Run]:
    async with database.write() as connection:
        await insert_row(connection, JOB, id="one", key="one", state=JobState.RUNNING, fence=3, lease_until=1e12)
        await set_wanted_head(connection, 7, 5, HEAD)
        run = await open_run(connection, LeasedJob("one", REVIEW, 3, FailureRecord(), 0.0), "run", HEAD, 1.0)
    return SqlOutbox(database, LeasedJob("one", REVIEW, 3, FailureRecord(), 0.0), run, lambda: 10.0), run


async def _intentions(database: Database) -> list[tuple[str, str, bool]]:
    rows = sql_table(PublicationRow)
    async with database.read() as connection:
        return [(row.surface, row.remote_id, row.concluding) for row in await connection.execute(select(rows).order_by(rows.c.surface))]


@pytest.mark.parametrize("gone", ["the lease", "the head"])
async def test_no_write_without_a_lease_or_for_an_outdated_head(database: Database, gone: str) -> None:
    """Neither the first nor the last write of an effect."""
    outbox, _ = await _opened(database)
    await outbox.intend("check")
    await outbox.created("check", "9", "")
    async with database.write() as connection:
        if gone == "the lease":
            await connection.execute(update(JOB).values(fence=4))
        else:
            await set_wanted_head(connection, 7, 5, NEWER)
    with pytest.raises(Superseded):
        await outbox.intend("summary")
    with pytest.raises(Superseded):
        await outbox.conclude("check")
    assert await _intentions(database) == [("check", "9", False)]


async def test_an_intention_is_fresh_only_for_the_lease_that_looked(database: Database) -> None:
    outbox, run = await _opened(database)
    assert not (await outbox.intend("check")).fresh
    outbox.note_look()
    assert (await outbox.intend("summary")).fresh
    # The second time it may be on GitHub, for any lease.
    assert not (await outbox.intend("summary")).fresh
    again = SqlOutbox(database, LeasedJob("one", REVIEW, 3, FailureRecord(), 0.0), run, lambda: 12.0)
    entry = await again.intend("summary")
    assert (entry.fresh, entry.wait) == (False, READ_LAG_SECONDS - 2.0)


async def test_later_runs_know_only_the_summary_comment(database: Database) -> None:
    outbox, _ = await _opened(database)
    for surface, remote_id in (("review", "8"), ("summary", "9")):
        await outbox.intend(surface)
        await outbox.created(surface, remote_id, "")
        assert await outbox.summary_comment() == (9 if surface == "summary" else None)
