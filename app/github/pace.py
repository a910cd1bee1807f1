"""Keeps an installation's writes under GitHub's limits on content creation: 80 a minute, 500 an hour.

https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

Clock = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]
Windows = tuple[tuple[float, int], ...]

# Windows in seconds, and the writes that each allows.
WINDOWS: Windows = ((60.0, 80), (3600.0, 500))


class Pace(Protocol):
    """`await turn(installation_id)` before each write. It returns when the write may be sent."""

    async def turn(self, installation_id: int) -> None: ...


class ProcessPace:
    """The write rate of a single process, for a terminal. A server's workers share theirs in SQL."""

    def __init__(self, clock: Clock, sleep: Sleep, windows: Windows = WINDOWS) -> None:
        self._clock = clock
        self._sleep = sleep
        self._windows = windows
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)
        most = max(count for _, count in windows)
        self._past: defaultdict[int, deque[float]] = defaultdict(lambda: deque(maxlen=most))

    async def turn(self, installation_id: int) -> None:
        past = self._past[installation_id]
        # The lock is held while sleeping, so that writes are sent in the order of their requests.
        async with self._locks[installation_id]:
            while (wait := wait_for(past, self._clock(), self._windows)) > 0:
                await self._sleep(wait)
            past.append(self._clock())


def wait_for(past: Sequence[float], now: float, windows: Windows = WINDOWS) -> float:
    """Seconds until a further write fits into every window, given the times of earlier ones, oldest first."""
    return max((past[-count] + seconds - now for seconds, count in windows if len(past) >= count), default=0.0)
