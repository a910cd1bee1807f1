"""A delivery that an operator has done once more: what was given up is tried again, what was done stays done."""

from sqlalchemy import text

from app.store import job_list
from app.store.tables import JobState
from app.work.schedule import queue
from tests.stories.house import DIVISION, House
from webhooks.jobs import Replay


async def replayed(house: House, event: str, slot: str) -> None:
    delivery = next(each for each in house.sandbox.github.courier.deliveries.values() if each.event == event)
    await queue(house.workshop, [Replay(guid=delivery.guid, slot=slot)])
    await house.settle()


async def test_a_review_that_was_given_up_is_done_and_one_that_is_done_is_not_done_twice(house: House) -> None:
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


async def test_a_job_that_never_came_to_be_is_made(house: House) -> None:
    house.script([], [], [])
    pull = house.open()
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        await connection.execute(text("DELETE FROM job WHERE kind = 'review'"))
    await replayed(house, "pull_request", "one")
    assert len(house.comments(pull)) == 1


async def test_what_github_forgot_is_told(house: House) -> None:
    await queue(house.workshop, [Replay(guid="forgotten", slot="one")])
    await house.settle()
    async with house.workshop.database.read() as connection:
        (dead,) = await job_list.listed(connection, [JobState.DEAD], 5)
    assert dead.error == "GitHub no longer has the delivery forgotten; it keeps deliveries for three days"
