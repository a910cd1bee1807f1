"""What is recorded once is there once, on SQLite and on PostgreSQL."""

from sqlalchemy import select

from app.store.database import Database
from app.store.intake import Arrival, Debounce, Recorded, record
from app.store.jobs import Caps, claim, due, finish
from app.store.statements import table
from app.store.tables import JobRow, JobState, PullRequestRow
from tests.conftest import Clock
from webhooks.jobs import RepositoryRef, ReviewPullRequest

SHOP = RepositoryRef(id=7, full_name="acme/shop")


def review(head: str, *, number: int = 5, pushed: bool = False) -> ReviewPullRequest:
    return ReviewPullRequest(installation_id=42, repository=SHOP, number=number, head_sha=head, pushed=pushed)


def arrival(guid: str, *jobs: ReviewPullRequest, digest: str = "d") -> Arrival:
    prefix = guid if digest == "d" else f"{guid}-{digest}"
    named = tuple((f"{prefix}-{index}", job) for index, job in enumerate(jobs))
    return Arrival(guid, "pull_request", "opened", 42, digest, named)


async def take(database: Database, clock: Clock, *arrivals: Arrival) -> Recorded:
    async with database.write() as connection:
        return await record(connection, arrivals, clock(), Debounce())


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


async def test_pushes_wait_for_quiet_but_not_for_ever(database: Database, clock: Clock) -> None:
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


async def test_the_newest_delivery_says_what_is_wanted(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    await take(database, clock, arrival("b", review("h2", pushed=True)))
    async with database.read() as connection:
        row = (await connection.execute(select(table(PullRequestRow)))).one()
    assert row.wanted_sha == "h2"


async def test_a_cancelled_review_can_be_asked_for_again(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    async with database.write() as connection:
        held = await claim(connection, "a-0", "w", clock(), 15)
        assert held is not None
        await finish(connection, held, JobState.CANCELLED, clock())
    assert list((await take(database, clock, arrival("b", review("h1")))).due) == ["a-0"]


async def test_a_done_review_is_not_done_again(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    async with database.write() as connection:
        held = await claim(connection, "a-0", "w", clock(), 15)
        assert held is not None
        await finish(connection, held, JobState.DONE, clock())
    assert (await take(database, clock, arrival("b", review("h1")))).due == {}


async def test_one_holder_at_a_time_and_a_growing_fence(database: Database, clock: Clock) -> None:
    await take(database, clock, arrival("a", review("h1")))
    async with database.write() as connection:
        first = await claim(connection, "a-0", "w1", clock(), 15)
        assert await claim(connection, "a-0", "w2", clock(), 15) is None
    clock.pass_(16)
    async with database.write() as connection:
        second = await claim(connection, "a-0", "w2", clock(), 15)
    assert first is not None and second is not None
    assert (second.fence, second.crashes) == (first.fence + 1, 1)
    async with database.write() as connection:
        await finish(connection, first, JobState.DONE, clock())
        state = (await connection.execute(select(table(JobRow).c.state))).scalar()
    assert state == JobState.RUNNING


async def test_the_installation_with_less_under_way_goes_first(database: Database, clock: Clock) -> None:
    busy = [arrival(f"b{i}", review("h", number=i)) for i in range(5)]
    await take(database, clock, *busy)
    async with database.write() as connection:
        await claim(connection, "b0-0", "w", clock(), 15)
    clock.pass_(1)
    other = ReviewPullRequest(installation_id=43, repository=RepositoryRef(id=8, full_name="o/r"), number=1, head_sha="h")
    await take(database, clock, arrival("o", other))
    async with database.read() as connection:
        ids = await due(connection, clock(), Caps(per_installation=2), 10)
    assert ids[0] == "o-0"
