"""Which heads a sweep leaves alone: finished ones, and those that failed recently after a long time."""

import math

import pytest

from app.configuration.council_yml import load
from app.store.engine.database import Database
from app.store.engine.upsert import insert_or
from app.store.queue.missed_deliveries import known_heads
from app.store.tables.core import PullRequestRow, RunRow, RunState

HEAD = (7, 5, "h1")


async def put(
    database: Database, state: RunState, created: float, updated: float, wanted: str = "h1", *, is_open: bool = True, reason: str = ""
) -> None:
    run = RunRow(
        id="r1",
        key="7:5:h1:auto",
        job_id="j1",
        installation_id=42,
        repository_id=7,
        repository="acme/shop",
        number=5,
        head_sha="h1",
        trigger="auto",
        cause="auto",
        state=state,
        reason=reason,
        created_at=created,
        updated_at=updated,
    )
    pull = PullRequestRow(repository_id=7, number=5, wanted_sha=wanted, open=is_open)
    async with database.write() as connection:
        for row in (run, pull):
            values = {name: value for name, value in row.model_dump().items() if value is not None}
            await connection.execute(insert_or(type(row), connection.dialect.name).values(values))


@pytest.mark.parametrize(
    ("state", "lived", "dead_for", "known"),
    [
        (RunState.PUBLISHED, 60.0, 1.0, True),
        (RunState.SUPERSEDED, 60.0, 1.0, False),
        # Given up within minutes: the next sweep tries again. Then the intervals grow.
        (RunState.DEAD, 90.0, 1.0, False),
        (RunState.DEAD, 7_200.0, 3_600.0, True),
        (RunState.DEAD, 7_200.0, 7_000.0, False),
        (RunState.DEAD, 7_200.0, math.inf, False),
    ],
)
async def test_a_failed_review_is_retried_at_growing_intervals(
    database: Database, state: RunState, lived: float, dead_for: float, known: bool
) -> None:
    await put(database, state, 1_000.0, 1_000.0 + lived)
    async with database.read() as connection:
        assert (HEAD in await known_heads(connection, {HEAD: 0.0}, 1_000.0 + lived + dead_for)) == known


@pytest.mark.parametrize(
    ("reason", "changed", "known"),
    [
        ("skipped: its label matches 'no-council'", 900.0, True),
        ("skipped: its label matches 'no-council'", 5_000.0, False),
        ("skipped: it is a draft", 900.0, True),
        ("skipped: it is a draft", 5_000.0, False),
        # GitHub's clock may be a little behind ours.
        ("skipped: it is a draft", 1_050.0, False),
        ("skipped: its author matches 'dependabot[bot]'", 5_000.0, True),
    ],
)
async def test_a_skipped_review_is_checked_again_after_a_change(database: Database, reason: str, changed: float, known: bool) -> None:
    await put(database, RunState.CANCELLED, 1_000.0, 1_060.0, reason=reason)
    async with database.read() as connection:
        assert (HEAD in await known_heads(connection, {HEAD: changed}, 6_000.0)) == known


async def test_an_unreadable_config_is_retried_at_growing_intervals(database: Database) -> None:
    await put(database, RunState.INCOMPLETE, 1_000.0, 9_000.0, reason=load("review: [unclosed\n").unreadable)
    async with database.read() as connection:
        assert await known_heads(connection, {HEAD: 0.0}, 9_100.0) == {HEAD}
        assert await known_heads(connection, {HEAD: 0.0}, 17_000.0) == frozenset()


@pytest.mark.parametrize(("wanted", "is_open"), [("h2", True), ("h1", False)])
async def test_a_head_that_our_table_calls_outdated_is_checked(database: Database, wanted: str, is_open: bool) -> None:
    await put(database, RunState.PUBLISHED, 1_000.0, 1_060.0, wanted, is_open=is_open)
    async with database.read() as connection:
        assert await known_heads(connection, {HEAD: 0.0}, 2_000.0) == frozenset()
