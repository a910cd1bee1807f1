"""Checks which of the App's permissions and events are granted, as GitHub reported it at most a minute ago."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from app.errors import CouncilError
from app.github.github_app import GitHubApp
from app.github.manifest import missing_events, missing_permissions

FRESH_SECONDS = 60.0


@dataclass
class Grants:
    """Asks GitHub at most once per minute, however many pages are opened."""

    github: GitHubApp
    clock: Callable[[], float]
    _at: float = float("-inf")
    _problems: tuple[str, ...] = ()
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def problems(self) -> tuple[str, ...]:
        """One sentence per missing grant, with the account that has to give it. Empty if all are granted."""
        async with self._turn:
            if self._at + FRESH_SECONDS <= self.clock():
                self._at, self._problems = self.clock(), await self._ask()
        return self._problems

    async def _ask(self) -> tuple[str, ...]:
        try:
            app, installations = await self.github.app(), await self.github.installations()
        except CouncilError:
            return ("GitHub did not answer. Council asks again in a minute.",)
        problems = []
        if missing := missing_permissions(app.permissions):
            problems.append(f"On the App's page, under Permissions, these are missing: {', '.join(missing)}.")
        if silent := missing_events(app.events):
            problems.append(f"On the App's page, under Permissions, select these events: {', '.join(silent)}.")
        for installation in installations:
            # A permission added to an App is missing until each owner accepts it.
            lacks = () if missing or installation.suspended_at else missing_permissions(installation.permissions)
            if lacks:
                problems.append(
                    f"{installation.account.login if installation.account else installation.id} has not accepted: {', '.join(lacks)}."
                )
        return tuple(problems)
