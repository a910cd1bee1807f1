"""Locks between processes on a file. The kernel releases them when their process ends, in any way."""

import asyncio
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_SECONDS = 0.05


class FileLock:
    """A lock that is held until `release`, or until the block ends."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path = path
        self._handle = handle

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.release()

    def is_current(self) -> bool:
        """Whether the file still exists: a lock on a deleted file excludes nobody."""
        try:
            return os.path.samestat(self._path.stat(), os.fstat(self._handle))
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Release it. A second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1


def try_lock(path: Path, *, shared: bool = False) -> FileLock | None:
    """The lock, or None if another process holds it. Several may hold it shared."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Closed in children, which would otherwise keep the lock when this process dies.
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    lock = FileLock(path, handle)
    if lock.is_current():
        return lock
    lock.release()
    return None


async def wait_for_lock(path: Path, *, shared: bool = False) -> FileLock:
    """The lock, as soon as no other process holds it."""
    while (lock := try_lock(path, shared=shared)) is None:  # noqa: ASYNC110 - nothing tells of a freed lock
        await asyncio.sleep(_LOOK_SECONDS)
    return lock
