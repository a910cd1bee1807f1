"""A delivery stored twice exists once, on SQLite and on PostgreSQL."""

import pytest
from sqlalchemy import select

from app.store.engine.database import Database
from app.store.engine.upsert import sql_table
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, claim_due
from app.store.queue.deliveries import Debounce, DeliveryWithJobs, RecordResult, record_deliveries
from app.store.queue.jobs import LeasedJob, finish
from app.store.tables.core import JobRow, JobState, PullRequestRow
from tests.conftest import Clock
from webhooks.jobs import RepositoryRef, ReviewPullRequest

SHOP = RepositoryRef(id=7, full_name="acme/shop")


def review(head: str, *, number: int = 5, pushed: bool = False) -> ReviewPullRequest:
    return ReviewPullRequest(installation_id=42, repository=SHOP, number=number, head_sha=head, pushed=pushed)


def arrival(guid: str, *jobs: ReviewPullRequest, digest: str = "d") -> DeliveryWithJobs:
    prefix = guid if digest == "d" else f"{guid}-{digest}"
    named = tuple((f"{prefix}-{index}", job) for index, job in enumerate(jobs))
    return DeliveryWithJobs(guid, "pull_request", "opened", 42, digest, named)


async def take(database: Database, clock: Clock, *arrivals: DeliveryWithJobs) -> RecordResult:
    async with database.write() as connection:
        return await record_deliveries(connection, arrivals, clock(), Debounce())


async def claim(
    database: Database, clock: Clock, owner: str = "w", *, most: int = 1, caps: ConcurrencyLimits | None = None
) -> list[LeasedJob]:
    async with database.write() as connection:
        return await claim_due(connection, Claimant(owner, clock(), 15), caps or ConcurrencyLimits(), FreeSlots(most, 10))


async def test_a_delivery_sent_twice_is_one(database: Database, clock: Clock) -> None:
    first = await take(database, clock, arrival("a", review("h1")))
    again = await take(database, clock, arrival("a", review("h1")))
    assert (first.known, list(first.due)) == (frozenset(), ["a-0"])
    assert (again.known, again.due) == (frozenset({"a"}), {})


async def test_the_same_job_under_another_guid_is_one(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    assert (await take(database, clock, arrival("b", review("h1")))).due == {}


async def test_a_stolen_guid_does_not_hide_a_delivery(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1"), digest="d1"))
    recorded = await take(database, clock, arrival("a", review("h2"), digest="d2"))
    assert recorded.known == frozenset()
    assert len(recorded.due) == 1


async def test_twins_in_one_batch_are_one(database: Database, clock: Clock) -> None:
    recorded = await take(database, clock, arrival("a", review("h1")), arrival("a", review("h1")), arrival("b", review("h1")))
    assert len(recorded.due) == 1


async def test_the_debounce_has_an_upper_limit(database: Database, clock: Clock) -> None:
    start = clock()
    waits = []
    for second in range(0, 70, 9):
        clock.now = start + second
        recorded = await take(database, clock, arrival(f"g{second}", review(f"h{second}", pushed=True)))
        (at,) = recorded.due.values()
        waits.append(at - start)
    assert waits == [10, 19, 28, 37, 46, 55, 60, 73]


async def test_opening_does_not_wait(database: Database, clock: Clock) -> None:
    assert list((await take(database, clock, arrival("a", review("h1")))).due.values()) == [clock()]


async def test_the_newest_delivery_names_the_current_head(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    await take(database, clock, arrival("b", review("h2", pushed=True)))
    async with database.read() as connection:
        row = (await connection.execute(select(sql_table(PullRequestRow)))).one()
    assert row.wanted_sha == "h2"


async def test_a_cancelled_review_can_be_requested_again(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    [held] = await claim(database, clock)
    async with database.write() as connection:
        await finish(connection, held, JobState.CANCELLED, clock())
    assert list((await take(database, clock, arrival("b", review("h1")))).due) == ["a-0"]


@pytest.mark.parametrize("state", [JobState.DONE, JobState.DEAD])
@pytest.mark.parametrize(("trigger", "due"), [("auto", ["a-0"]), ("4711", [])])
async def test_a_heads_review_is_queued_again_and_a_commands_is_not(
    database: Database, clock: Clock, state: JobState, trigger: str, due: list[str]
) -> None:
    job = review("h1").model_copy(update={"trigger": trigger})
    await take(database, clock, arrival("a", job))
    [held] = await claim(database, clock)
    async with database.write() as connection:
        await finish(connection, held, state, clock())
    assert list((await take(database, clock, arrival("b", job))).due) == due


async def test_one_holder_at_a_time_and_a_growing_fence(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    [first] = await claim(database, clock, "w1")
    assert await claim(database, clock, "w2") == []
    clock.pass_(16)
    [second] = await claim(database, clock, "w2")
    assert (second.fence, second.record.crashes) == (first.fence + 1, 1)
    async with database.write() as connection:
        await finish(connection, first, JobState.DONE, clock())
        state = (await connection.execute(select(sql_table(JobRow).c.state))).scalar()
    assert state == JobState.RUNNING


def other(number: int, *, installation: int = 43, repository: int = 8) -> ReviewPullRequest:
    place = RepositoryRef(id=repository, full_name=f"o/r{repository}")
    return ReviewPullRequest(installation_id=installation, repository=place, number=number, head_sha="h")


async def test_the_installation_with_fewer_running_jobs_goes_first(database: Database, clock: Clock) -> None:
    await take(database, clock, *[arrival(f"b{i}", review("h", number=i)) for i in range(5)])
    assert len(await claim(database, clock)) == 1
    clock.pass_(1)
    await take(database, clock, arrival("o", other(1)))
    assert [each.job_id for each in await claim(database, clock, most=10)] == ["o-0", "b1-0"]


async def test_many_jobs_of_one_tenant_block_nobody(database: Database, clock: Clock) -> None:
    crowd = [arrival(f"b{i:03}", other(i, installation=42, repository=100 + i)) for i in range(300)]
    await take(database, clock, *crowd)
    clock.pass_(1)
    await take(database, clock, arrival("o", other(1)))
    first = await claim(database, clock, "w1", most=10)
    assert [each.job.installation_id for each in first] == [42, 43, 42]
    assert await claim(database, clock, "w2", most=10) == []


async def test_a_pull_request_is_reviewed_once_at_a_time(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1"), review("h2")))
    [held] = await claim(database, clock, most=10)
    assert await claim(database, clock, most=10) == []
    async with database.write() as connection:
        await finish(connection, held, JobState.DONE, clock())
    assert len(await claim(database, clock, most=10)) == 1


async def test_caps_apply_per_repository_and_in_total(database: Database, clock: Clock) -> None:
    await take(database, clock, *[arrival(f"b{i}", other(i, installation=i, repository=8)) for i in range(5)])
    assert len(await claim(database, clock, most=10, caps=ConcurrencyLimits(per_repository=2))) == 2
    await take(database, clock, *[arrival(f"c{i}", other(i, installation=20 + i, repository=20 + i)) for i in range(5)])
    assert len(await claim(database, clock, most=10, caps=ConcurrencyLimits(in_all=4))) == 2


async def test_a_late_delivery_about_a_reviewed_head_stops_nothing(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    [held] = await claim(database, clock)
    async with database.write() as connection:
        await finish(connection, held, JobState.DONE, clock())
    await take(database, clock, arrival("b", review("h2", pushed=True)))
    await take(database, clock, arrival("late", review("h1")))
    async with database.read() as connection:
        assert (await connection.execute(select(sql_table(PullRequestRow).c.wanted_sha))).scalar() == "h2"
