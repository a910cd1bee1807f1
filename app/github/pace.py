"""Keeps an installation's writes under GitHub's limits on content creation: 80 a minute, 500 an hour.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

WINDOWS = ((60.0, 80), (3600.0, 500))


class Pace:
    """`await turn()` before each write; it returns when the write may go out."""

    def __init__(self, clock: Clock, sleep: Sleep, windows: tuple[tuple[float, int], ...] = WINDOWS) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows = windows
        self._lock = asyncio.Lock()
        self._past: deque[float] = deque(maxlen=max(count for _, count in windows))

    async def turn(self) -> None:
        # The lock is held while sleeping: writes leave in the order they asked.
        async with self._lock:
            while (wait := self._wait()) > 0:
                await self._sleep(wait)
            self._past.append(self._clock())

    def _wait(self) -> float:
        now = self._clock()
        waits = [self._past[-count] + seconds - now for seconds, count in self._windows if len(self._past) >= count]
        return max(waits, default=0.0)
