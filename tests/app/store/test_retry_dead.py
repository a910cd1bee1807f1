"""Failed jobs are queued again together, and nothing else is."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.deliveries import insert_jobs
from app.store.queue.job_list import retry_dead
from app.store.tables.core import JobRow, JobState
from webhooks.jobs import Prune, RepositoryRef, ReviewPullRequest

_JOB = sql_table(JobRow)


@pytest.mark.parametrize(
    ("kind", "since", "queued"),
    [("", 0.0, ["late", "prune", "soon"]), ("review", 0.0, ["late", "soon"]), ("", 150.0, ["late"]), ("prune", 150.0, [])],
)
async def test_retry_dead(database: Database, new_id: Callable[[], str], kind: str, since: float, queued: list[str]) -> None:
    services = RepositoryRef(id=1, full_name="acme/shop")
    reviews = {
        name: ReviewPullRequest(installation_id=1, repository=services, number=number, comment_id=0, login="", head_sha="a")
        for number, name in enumerate(("soon", "late", "done"), 1)
    }
    ended = {"soon": 100.0, "late": 200.0, "done": 200.0, "prune": 100.0}
    async with database.write() as connection:
        await insert_jobs(
            connection, [*((name, job, 0.0) for name, job in reviews.items()), ("prune", Prune(installation_id=0, slot="1"), 0.0)], 0.0
        )
        for name, at in ended.items():
            state = JobState.DONE if name == "done" else JobState.DEAD
            values = {"state": state, "finished_at": at, "failures": 4}
            await connection.execute(update(_JOB).where(_JOB.c.id == name).values(values))
        assert await retry_dead(connection, 300.0, kind, since) == len(queued)
        rows = await connection.execute(select(_JOB.c.id, _JOB.c.failures).where(_JOB.c.state == JobState.QUEUED).order_by(_JOB.c.id))
        assert [(row.id, row.failures) for row in rows] == [(name, 0) for name in queued]
