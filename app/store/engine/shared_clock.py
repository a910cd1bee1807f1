"""One clock for all processes of a database: leases and due times are compared across machines whose clocks differ."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import structlog
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.background import end_task
from app.clock import now
from app.store.engine.database import Database

log = structlog.get_logger(__name__)

_EVERY_SECONDS = 30.0
# Smaller differences are the time of the query itself. A clock that jumps is no better.
_TOLERATED_SECONDS = 1.0
_WORTH_A_LINE_SECONDS = 5.0


class SharedClock:
    """Seconds since the epoch on the database's clock. It is this machine's own until `correct` was called, and with SQLite."""

    def __init__(self, local: Callable[[], float] = now) -> None:
        self._local = local
        self._ahead = 0.0

    def __call__(self) -> float:
        return self._local() + self._ahead

    async def correct(self, database: Database) -> None:
        """Ask the database for its time. While it is unreachable, keep the last correction."""
        if database.is_sqlite:
            return
        try:
            async with database.read() as connection:
                asked = self._local()
                told = float((await connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))).scalar_one())
        except (SQLAlchemyError, OSError):
            return
        ahead = told - (asked + self._local()) / 2
        if abs(ahead - self._ahead) > _TOLERATED_SECONDS:
            if abs(ahead) > _WORTH_A_LINE_SECONDS:
                log.warning("this machine's clock differs from the database's clock; using the database's", seconds=round(-ahead, 1))
            self._ahead = ahead


@asynccontextmanager
async def shared_clock(database: Database, local: Callable[[], float] = now) -> AsyncIterator[SharedClock]:
    """The clock, corrected now and every half minute until the block ends."""
    clock = SharedClock(local)
    await clock.correct(database)

    async def keep() -> None:
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            await clock.correct(database)

    keeping = asyncio.create_task(keep())
    try:
        yield clock
    finally:
        await end_task(keeping)
