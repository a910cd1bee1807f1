"""What each person may do where, by GitHub's word of at most a minute ago."""

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
    """Asks GitHub once a minute and session, whatever number of pages is opened meanwhile; when GitHub does not answer, nobody may."""

    def __init__(self, users: Users, clock: Callable[[], float]) -> None:
        self.users = users
        self._clock = clock
        self._known: dict[str, _Known] = {}

    async def repositories(self, session_id: str, token: str) -> tuple[SeenRepository, ...]:
        """What the holder of a token reaches through the App; Refused with status 401 once the token is void."""
        known = self._known.setdefault(session_id, _Known())
        async with known.turn:
            if known.at + FRESH_SECONDS <= self._clock():
                asked = self._clock()
                known.repositories = await self.users.repositories(token)
                known.at = asked
        self._forget_oldest()
        return known.repositories

    def forget(self, session_id: str) -> None:
        """Drop what is known for a session that ended."""
        self._known.pop(session_id, None)

    async def close(self) -> None:
        await self.users.close()

    def _forget_oldest(self) -> None:
        while len(self._known) > _MOST_PEOPLE:
            self._known.pop(min(self._known, key=lambda each: self._known[each].at))
