"""Opens the repository of a change so that seats can look around, within the time that a review waits for it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.errors import UserError
from app.git.reader import Reader, open_reader
from app.repositories.mirror_history import MirrorHistory
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirror_settings import rules_of
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.related_code import CACHE, related_code
from app.repositories.view import IndexedView, open_view
from reviewers.context.snapshot import Snapshot

# The mirror whose symbols these are. They are deleted with it.
_IN_MIRROR = "council"


@dataclass(frozen=True)
class OpenedRepository:
    """A commit that seats may look at. If `view` is None, `problem` is the reason as a clause, "" if looking is not wanted."""

    view: IndexedView | None = None
    problem: str = ""

    async def added(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with the related code of unchanged files, or the reason why there is none."""
        if self.view is None:
            return snapshot.model_copy(update={"unread_repository": self.problem})
        return snapshot.model_copy(update={"related": await related_code(self.view, snapshot)})


@asynccontextmanager
async def open_local_view(reader: Reader, commit: str, settings: Settings) -> AsyncIterator[OpenedRepository]:
    """A commit of a repository on this machine, indexed within REPOSITORY_SECONDS."""
    if settings.repository_seconds == 0:
        yield OpenedRepository()
        return
    yield await _indexed(reader, commit, settings.data / CACHE, settings.repository_seconds)


@asynccontextmanager
async def open_local_repository(folder: Path, commit: str, settings: Settings) -> AsyncIterator[IndexedView | None]:
    """The same by its folder. None without a commit, or if it cannot be indexed."""
    if not commit:
        yield None
        return
    async with open_reader(folder) as reader, open_local_view(reader, commit, settings) as repository:
        yield repository.view


class MirrorAccess:
    """The mirrors of this server for its jobs. `stack` closes what was opened when the job ends."""

    def __init__(self, settings: Settings, mirrors: Mirrors, stack: AsyncExitStack) -> None:
        self._settings = settings
        self._mirrors = mirrors
        self._stack = stack

    async def open(self, repository: MirroredRepository, commits: MirrorCommits, config: RepositoryConfig) -> OpenedRepository:
        """The head of a GitHub repository. Mirror and index together take at most REPOSITORY_SECONDS.

        A slower fetch or index continues or is kept, so that the next review has it.
        """
        seconds = self._settings.repository_seconds
        if seconds == 0:
            return OpenedRepository()
        started = asyncio.get_running_loop().time()
        opening = self._mirrors.open(repository, commits, rules_of(self._settings, config))
        mirror = await self._stack.enter_async_context(opening)
        if not isinstance(mirror, Mirror):
            return OpenedRepository(problem=mirror.reason)
        left = seconds - (asyncio.get_running_loop().time() - started)
        try:
            reader = await self._stack.enter_async_context(open_reader(mirror.folder))
        except UserError as error:
            return OpenedRepository(problem=str(error))
        return await _indexed(reader, commits.head_sha, _cache_of(mirror), max(1.0, left), mirror.history)


def _cache_of(mirror: Mirror) -> Path:
    return mirror.folder / _IN_MIRROR


async def _indexed(reader: Reader, commit: str, cache: Path, seconds: float, history: MirrorHistory | None = None) -> OpenedRepository:
    try:
        async with asyncio.timeout(seconds):
            return OpenedRepository(await open_view(reader, commit, cache, history))
    except TimeoutError:
        return OpenedRepository(problem=f"it was not indexed within {seconds:.0f} s; the next review will be faster")
    except UserError as error:
        return OpenedRepository(problem=str(error))
