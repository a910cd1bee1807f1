"""Caches what each person may do in which repository, as GitHub reported it at most a minute ago."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.github.users import SeenRepository, Users

FRESH_SECONDS = 60.0
_MOST_PEOPLE = 1_000


@dataclass
class _Known:
    at: float = float("-inf")
    repositories: tuple[SeenRepository, ...] = ()
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Access:
    """Asks GitHub at most once per minute and session, however many pages are opened. If GitHub does not answer, access is denied."""

    def __init__(self, users: Users, clock: Callable[[], float]) -> None:
        self.users = users
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def repositories(self, session_id: str, token: str) -> tuple[SeenRepository, ...]:
        """The repositories that a token's holder reaches through the App. Raises Refused with status 401 once the token is invalid."""
        known = self._known.setdefault(session_id, _Known())
        async with known.turn:
            if known.at + FRESH_SECONDS <= self._clock():
                asked = self._clock()
                known.repositories = await self.users.repositories(token)
                known.at = asked
        self._forget_oldest()
        return known.repositories

    def forget(self, session_id: str) -> None:
        """Delete the cache of a session that ended."""
        self._known.pop(session_id, None)

    async def close(self) -> None:
        await self.users.close()

    def _forget_oldest(self) -> None:
        while len(self._known) > _MOST_PEOPLE:
            self._known.pop(min(self._known, key=lambda each: self._known[each].at))
