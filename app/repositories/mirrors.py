"""Opens mirrors of GitHub repositories at a commit, and starts a fetch if they lack it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from app.repositories import refusals
from app.repositories.file_lock import FileLock, wait_for_lock
from app.repositories.mirror_fetcher import MirrorFetcher
from app.repositories.mirror_history import MirrorHistory
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorOptions, MirrorRequest, MirrorRules, RemoteAccess
from app.repositories.refusals import NoMirror

# Inside the mirror, so that it is deleted with it.
_HISTORY = "council/history"


@dataclass(frozen=True)
class Mirror:
    """A bare git directory that contains `commits`, at depth 1 and without files above a megabyte. Read it, do not write it.

    `history` fetches the commits before the head when it is called.
    """

    folder: Path
    commits: MirrorCommits
    history: MirrorHistory | None = field(default=None, compare=False)


class Mirrors:
    """The mirrors below one folder. Several processes may share it. Keep one object for the life of a process."""

    def __init__(self, root: Path, access: RemoteAccess, options: MirrorOptions, clock: Callable[[], float] = time.time) -> None:
        self._options = options
        self._access = access
        self._clock = clock
        self._fetcher = MirrorFetcher(root, access, options, clock)
        self._fetches: dict[MirrorRequest, asyncio.Task[NoMirror | None]] = {}

    @contextlib.asynccontextmanager
    async def open(self, repository: MirroredRepository, commits: MirrorCommits, rules: MirrorRules) -> AsyncIterator[Mirror | NoMirror]:
        """The mirror, which is kept while the block lasts, or why there is none. Problems are values, not exceptions.

        It takes at most `wait_seconds`; a slower fetch continues in the background.
        """
        if not self._options.enabled or not rules.enabled:
            yield refusals.OFF_THERE if self._options.enabled else refusals.OFF_HERE
            return
        request = MirrorRequest(repository, commits, rules)
        place, using = self._fetcher.place_of(request), await self._use(request)
        try:
            history = MirrorHistory(place.folder / _HISTORY, commits.head_sha, partial(self._access, repository), self._clock)
            yield using if isinstance(using, NoMirror) else Mirror(place.folder, commits, history)
        finally:
            if isinstance(using, FileLock):
                using.release()
            if rules.ephemeral:
                await self._end_fetch(request)
                await asyncio.to_thread(place.remove_if_unused)

    async def close(self) -> None:
        """End the running fetches."""
        for task in self._fetches.values():
            task.cancel()
        await asyncio.gather(*self._fetches.values(), return_exceptions=True)

    async def _use(self, request: MirrorRequest) -> FileLock | NoMirror:
        """A shared lock on a mirror that contains the commits, or why there is none."""
        place, shas = self._fetcher.place_of(request), request.commits.shas
        try:
            async with asyncio.timeout(self._options.wait_seconds):
                while True:
                    using = await wait_for_lock(place.use, shared=True)
                    if all(place.has(sha) for sha in shas):
                        place.touch(self._clock())
                        return using
                    using.release()
                    task = self._start(request)
                    await asyncio.wait({task})
                    if task.cancelled():
                        return refusals.STOPPED
                    if (problem := task.result()) is not None:
                        return problem
        except TimeoutError:
            return refusals.NOT_READY
        except OSError as error:
            return refusals.reason_of(error)

    def _start(self, request: MirrorRequest) -> "asyncio.Task[NoMirror | None]":
        """The fetch for this request: a running one, or a new one."""
        if request not in self._fetches:
            self._fetches[request] = asyncio.create_task(self._fetcher.fetch(request))
            self._fetches[request].add_done_callback(lambda _: self._fetches.pop(request, None))
        return self._fetches[request]

    async def _end_fetch(self, request: MirrorRequest) -> None:
        if task := self._fetches.get(request):
            task.cancel()
            await asyncio.wait({task})
