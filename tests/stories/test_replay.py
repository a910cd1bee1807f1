"""An operator replays a delivery: failed work is tried again, finished work is not repeated."""

from sqlalchemy import text

from app.store.queue import job_list
from app.store.tables.core import JobState
from app.work.schedule import queue
from tests.stories.harness import DIVISION, InProcessSystem
from webhooks.jobs import Replay


async def replayed(system: InProcessSystem, event: str, slot: str) -> None:
    delivery = next(each for each in system.sandbox.github.webhook_sender.deliveries.values() if each.event == event)
    await queue(system.services, [Replay(guid=delivery.guid, slot=slot)])
    await system.settle()


async def test_a_replay_repeats_only_failed_reviews(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    await system.sandbox.settled()
    pull = system.open()
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        await connection.execute(text("UPDATE job SET state = 'dead', error = 'given up' WHERE kind = 'review'"))
    await system.settle()
    assert system.comments(pull) == []
    await replayed(system, "pull_request", "one")
    assert len(system.comments(pull)) == 1 and [check.conclusion for check in system.checks()] == ["success"]
    bought = system.bought()
    await replayed(system, "pull_request", "two")
    assert (len(system.comments(pull)), len(system.checks()), system.bought()) == (1, 1, bought)


async def test_a_replay_creates_a_missing_job(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        await connection.execute(text("DELETE FROM job WHERE kind = 'review'"))
    await replayed(system, "pull_request", "one")
    assert len(system.comments(pull)) == 1


async def test_a_delivery_that_github_deleted_is_reported(system: InProcessSystem) -> None:
    await queue(system.services, [Replay(guid="forgotten", slot="one")])
    await system.settle()
    async with system.services.database.read() as connection:
        (dead,) = await job_list.list_jobs(connection, [JobState.DEAD], 5)
    assert dead.error == "GitHub no longer has the delivery forgotten; it keeps deliveries for three days"
