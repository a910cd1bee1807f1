"""Lists deliveries that GitHub reports as failed or that we never recorded, at most half a minute old, and redelivers them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.errors import CouncilError
from app.github.deliveries import Attempt, attempt, newest, redeliver
from app.github.github_app import GitHubApp
from app.store.engine.database import Database
from app.store.queue import missed_deliveries
from webhooks.handlers import HANDLERS

FRESH_SECONDS = 30.0
# A page waits for GitHub no longer than a person would.
PATIENCE_SECONDS = 2.0
_AWAY = "GitHub did not list its failed deliveries. Reload this page in half a minute."


@dataclass(frozen=True)
class FailedDelivery:
    """A delivery that failed, or that GitHub reports as successful but is not recorded here."""

    attempt: Attempt
    recorded: bool


@dataclass(frozen=True)
class FailedDeliveryList:
    """The newest first. `problem` is why there is no list."""

    deliveries: tuple[FailedDelivery, ...] = ()
    problem: str = ""


@dataclass
class FailedDeliveries:
    """Asks GitHub at most once in half a minute, however many pages are opened."""

    github: GitHubApp
    database: Database
    clock: Callable[[], float]
    _at: float = float("-inf")
    _listed: FailedDeliveryList = FailedDeliveryList()
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def listed(self) -> FailedDeliveryList:
        """The latest deliveries that did not reach us."""
        async with self._turn:
            if self._at + FRESH_SECONDS <= self.clock():
                self._at, self._listed = self.clock(), await self._ask()
        return self._listed

    async def again(self, attempt_id: int) -> Attempt:
        """Have one delivery sent again. Raises NotFound if GitHub no longer has it. Twice has one effect, because its GUID stays."""
        async with self.github.as_app() as github:
            found = await attempt(github, attempt_id)
            await redeliver(github, attempt_id)
        self._at = float("-inf")
        return found

    async def _ask(self) -> FailedDeliveryList:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self.github.as_app() as github:
                attempts = [each for each in await newest(github) if each.event in HANDLERS]
        except (CouncilError, TimeoutError):
            return FailedDeliveryList(problem=_AWAY)
        async with self.database.read() as connection:
            known = await missed_deliveries.known_guids(connection, [each.guid for each in attempts])
        lost = (FailedDelivery(each, each.guid in known) for each in attempts)
        return FailedDeliveryList(tuple(delivery for delivery in lost if not (delivery.recorded and delivery.attempt.arrived)))
