"""Keeps the rate of GitHub writes that all workers share. The times of writes are stored in SQL."""

import asyncio
from collections import defaultdict
from collections.abc import Callable

from app.github.pace import WINDOWS, Clock, Sleep, Windows, wait_for
from app.store.engine.database import Database
from app.store.write_times import lock_installation, note_write, recent_writes


class SqlPace:
    """Waits until an installation's write fits under GitHub's limits, whichever process wrote before."""

    def __init__(self, database: Database, new_id: Callable[[], str], clock: Clock, sleep: Sleep = asyncio.sleep) -> None:
        self._database = database
        self._new_id = new_id
        self._clock = clock
        self._sleep = sleep
        self._windows: Windows = WINDOWS
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def turn(self, installation_id: int) -> None:
        """Return when the write may be sent. Writes of one process are sent in the order of their requests."""
        async with self._locks[installation_id]:
            while (wait := await self._try(installation_id)) > 0:
                await self._sleep(wait)

    async def _try(self, installation_id: int) -> float:
        """Take a slot now and return 0, or return in how many seconds one is free."""
        now = self._clock()
        longest = max(seconds for seconds, _ in self._windows)
        async with self._database.write() as connection:
            await lock_installation(connection, installation_id)
            wait = wait_for(await recent_writes(connection, installation_id, now - longest), now, self._windows)
            if wait <= 0:
                await note_write(connection, self._new_id(), installation_id, now)
        return wait
