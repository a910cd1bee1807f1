"""Writes stay under GitHub's limits, whichever process wrote before: times are in SQL, and a test moves the clock."""

import itertools

from app.github.pace import WINDOWS
from app.queue.write_pace import SqlPace
from app.store.engine.database import Database
from tests.conftest import Clock


class Sleeper:
    """Waiting that moves the clock, and adds up."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.slept = 0.0

    async def __call__(self, seconds: float) -> None:
        self.slept += seconds
        self._clock.pass_(seconds)


def _workers(database: Database, clock: Clock, sleep: Sleeper) -> list[SqlPace]:
    """Two processes on one database."""
    ids = (f"w{number}" for number in itertools.count())
    return [SqlPace(database, lambda: next(ids), clock, sleep) for _ in range(2)]


async def test_two_workers_share_one_write_rate(database: Database, clock: Clock) -> None:
    sleep = Sleeper(clock)
    workers = _workers(database, clock, sleep)
    seconds, most = min(WINDOWS)
    for at in range(most):
        await workers[at % 2].turn(42)
    assert sleep.slept == 0
    await workers[0].turn(42)
    assert 0 < sleep.slept <= seconds


async def test_an_installation_does_not_wait_for_another(database: Database, clock: Clock) -> None:
    sleep = Sleeper(clock)
    one, two = _workers(database, clock, sleep)
    _, most = min(WINDOWS)
    for _ in range(most):
        await one.turn(42)
    await two.turn(43)
    assert sleep.slept == 0


async def test_no_window_holds_more_writes_than_it_may(database: Database, clock: Clock) -> None:
    sleep = Sleeper(clock)
    one, two = _workers(database, clock, sleep)
    times = []
    for at in range(120):
        await (one if at % 3 else two).turn(42)
        times.append(clock.now)
    for seconds, most in WINDOWS:
        for at, start in enumerate(times):
            assert sum(start <= other < start + seconds for other in times[at:]) <= most
