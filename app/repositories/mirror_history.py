"""Fetches the commits before a mirror's head, without their files, when history is first requested."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from app.errors import CouncilError
from app.git.fetching import FetchFailed, FetchLimits, FetchScope, GitRemote, fetch
from app.git.reader import open_reader
from app.repositories.file_lock import wait_for_lock
from app.repositories.past import read_messages
from app.repositories.staging import write_config
from reviewers.context.repository.history_looks import MOST_COMMITS, PastCommit

log = structlog.get_logger(__name__)

_SECONDS, _BYTES = 15.0, 30_000_000
_PAST = timedelta(days=730)
# Git's message if no commit is recent enough.
_ALL_OLDER = "no commits selected"


class MirrorHistory:
    """The commits of the last two years before `commit`, in a separate bare git directory. A failed fetch is not tried again."""

    def __init__(
        self, folder: Path, commit: str, remote: Callable[[], AbstractAsyncContextManager[GitRemote]], clock: Callable[[], float]
    ) -> None:
        self._folder = folder
        self._commit = commit
        self._remote = remote
        self._clock = clock
        self._one = asyncio.Lock()
        self._failed = False

    async def read(self) -> Sequence[PastCommit] | None:
        """The newest commits with their messages. None if they cannot be fetched within 15 s."""
        async with self._one:
            if not self._failed:
                self._failed = not await self._bring()
            if self._failed:
                return None
        async with open_reader(self._folder) as reader:
            return await read_messages(reader, self._commit)

    async def _bring(self) -> bool:
        """Whether the commits are there. Missing ones are fetched."""
        try:
            async with asyncio.timeout(_SECONDS):
                with await wait_for_lock(self._folder.with_name(f"{self._folder.name}.lock")):
                    if not self._ref.is_file():
                        await self._fetch()
        except (CouncilError, OSError, TimeoutError) as error:
            log.info("history not fetched", error=str(error) or type(error).__name__)
            return False
        return True

    async def _fetch(self) -> None:
        since = (datetime.fromtimestamp(self._clock(), UTC) - _PAST).date().isoformat()
        refspec, limits = f"+{self._commit}:refs/commits/{self._commit}", FetchLimits(_SECONDS, _BYTES)
        async with self._remote() as remote:
            try:
                await fetch(remote, [refspec], self._folder, limits, FetchScope(since=since, commits_only=True))
            except FetchFailed as error:
                if _ALL_OLDER not in error.words:
                    raise
                await fetch(remote, [refspec], self._folder, limits, FetchScope(depth=MOST_COMMITS, commits_only=True))
            finally:
                # Git recorded the remote there.
                await asyncio.to_thread(write_config, self._folder)

    @property
    def _ref(self) -> Path:
        return self._folder / "refs" / "commits" / self._commit
