"""An operator replays a delivery: failed work is tried again, finished work is not repeated."""

from sqlalchemy import text

from app.store.queue import job_list
from app.store.tables.core import JobState
from app.work.schedule import queue
from tests.stories.harness import DIVISION, InProcessSystem
from webhooks.jobs import Replay


async def replayed(house: InProcessSystem, event: str, slot: str) -> None:
    delivery = next(each for each in house.sandbox.github.courier.deliveries.values() if each.event == event)
    await queue(house.workshop, [Replay(guid=delivery.guid, slot=slot)])
    await house.settle()


async def test_a_replay_repeats_only_failed_reviews(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    await house.sandbox.settled()
    pull = house.open()
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        await connection.execute(text("UPDATE job SET state = 'dead', error = 'given up' WHERE kind = 'review'"))
    await house.settle()
    assert house.comments(pull) == []
    await replayed(house, "pull_request", "one")
    assert len(house.comments(pull)) == 1 and [check.conclusion for check in house.checks()] == ["success"]
    bought = house.bought()
    await replayed(house, "pull_request", "two")
    assert (len(house.comments(pull)), len(house.checks()), house.bought()) == (1, 1, bought)


async def test_a_replay_creates_a_missing_job(house: InProcessSystem) -> None:
    house.script([], [], [])
    pull = house.open()
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        await connection.execute(text("DELETE FROM job WHERE kind = 'review'"))
    await replayed(house, "pull_request", "one")
    assert len(house.comments(pull)) == 1


async def test_a_delivery_that_github_deleted_is_reported(house: InProcessSystem) -> None:
    await queue(house.workshop, [Replay(guid="forgotten", slot="one")])
    await house.settle()
    async with house.workshop.database.read() as connection:
        (dead,) = await job_list.list_jobs(connection, [JobState.DEAD], 5)
    assert dead.error == "GitHub no longer has the delivery forgotten; it keeps deliveries for three days"
