"""Processes whose machines' clocks differ use the database's time, so that no lease expires early."""

from pathlib import Path

import pytest

from app.clock import now
from app.store.engine.database import Database, open_database
from app.store.engine.shared_clock import SharedClock, shared_clock
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, claim_due
from app.store.queue.deliveries import insert_jobs
from tests.conftest import fresh_postgres
from webhooks.jobs import Prune

ROOM = FreeSlots(10, 10)


async def opened(postgres: str, folder: Path, name: str) -> Database:
    database = open_database(await fresh_postgres(postgres, name), folder)
    await database.migrate()
    return database


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [90.0, -90.0, 3_600.0])
async def test_a_clock_that_is_wrong_is_corrected(postgres: str, tmp_path: Path, seconds: float) -> None:
    database = await opened(postgres, tmp_path, f"clock{int(seconds)}".replace("-", "m"))
    async with shared_clock(database, lambda: now() + seconds) as clock:
        assert abs(clock() - now()) < 2.0
    await database.close()


@pytest.mark.slow
async def test_a_fast_clock_takes_no_lease_away(postgres: str, tmp_path: Path) -> None:
    database = await opened(postgres, tmp_path, "leases")
    async with shared_clock(database) as right, shared_clock(database, lambda: now() + 90.0) as ahead:
        async with database.write() as connection:
            await insert_jobs(connection, [("1", Prune(slot="1"), right())], right())
            assert len(await claim_due(connection, Claimant("right", right(), 15.0), ConcurrencyLimits(), ROOM)) == 1
        async with database.write() as connection:
            assert await claim_due(connection, Claimant("ahead", ahead(), 15.0), ConcurrencyLimits(), ROOM) == []
    await database.close()


@pytest.mark.slow
async def test_without_the_database_the_last_correction_stays(postgres: str, tmp_path: Path) -> None:
    database = await opened(postgres, tmp_path, "away")
    clock = SharedClock(lambda: now() + 90.0)
    await clock.correct(database)
    away = open_database("postgresql://nobody@127.0.0.1:1/none?connect_timeout=1", tmp_path)
    await clock.correct(away)
    assert abs(clock() - now()) < 2.0
    await away.close()
    await database.close()


async def test_with_sqlite_it_is_this_machines_clock(tmp_path: Path) -> None:
    database = open_database("", tmp_path)
    async with shared_clock(database, lambda: 5.0) as clock:
        assert clock() == 5.0
    await database.close()
