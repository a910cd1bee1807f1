"""Answers looks of API clients at the repositories of this server, in mirrors of this machine. Change here how many run at once."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.errors import UserError
from app.github.github_app import GitHubApp
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirror_settings import build_mirrors
from app.repositories.open_repository import MirrorAccess
from app.repositories.view import mask_answer
from reviewers.context.repository.looks import Look, LookAnswer

# The web process also takes deliveries, which must be acknowledged within seconds.
_AT_ONCE = 2
_WAIT_SECONDS = 20.0


class RepositoryLooks:
    """Looks are read-only, masked, and within the settings of the repository, as those of a seat are."""

    def __init__(self, settings: Settings, clock: Callable[[], float], github: GitHubApp) -> None:
        self._settings, self._mirrors = settings, build_mirrors(settings, github, clock)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def look(
        self, repository: MirroredRepository, commits: MirrorCommits, config: RepositoryConfig, look: Look, tokens: int
    ) -> LookAnswer:
        """The answer at the head of `commits`. Raises UserError if the repository may not be, or cannot be, looked at now."""
        if not config.review.looks:
            raise UserError("The settings of this repository switch looking around off (review.looks).")
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                await self._turns.acquire()
        except TimeoutError:
            raise UserError("This server answers other looks now. Try again in a minute.") from None
        try:
            async with AsyncExitStack() as stack:
                opened = await MirrorAccess(self._settings, self._mirrors, stack).open(repository, commits, config)
                if opened.view is None:
                    raise UserError(f"The repository cannot be looked at: {opened.problem or 'this server has switched that off'}.")
                return mask_answer(await opened.view.look(look, tokens))
        finally:
            self._turns.release()

    async def close(self) -> None:
        """End the fetches."""
        await self._mirrors.close()
