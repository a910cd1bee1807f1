"""Starts git: the environment of each child, how long it may take, and how much it may print."""

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.configuration.settings import program_environment
from app.errors import UserError

# Every git reads these, for any command: no config but ours, no prompt, no replaced object, English messages.
_EVERY_CHILD = {
    "LANG": "C.UTF-8",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
}
_OUR_CONFIG = ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL")
_CHUNK = 1 << 16


class GitNotFound(UserError):
    """There is no git on the PATH."""


class GitError(UserError):
    """Git failed. `words` are its error message."""

    def __init__(self, command: str, words: str) -> None:
        super().__init__(f"git {command}: {words or 'failed'}")
        self.words = words


@dataclass(frozen=True)
class Bounds:
    """How long a child may take, in seconds, and how many bytes it may print."""

    seconds: float = 120.0
    bytes: int = 256_000_000


@dataclass(frozen=True)
class GitCommand:
    """One call of git. `environment` is added to the common one; `user_config` is whether the user's own config is read."""

    words: Sequence[str | bytes]
    folder: Path
    environment: Mapping[str, str]
    given: bytes = b""
    user_config: bool = False


def child_environment(command: GitCommand) -> dict[str, str]:
    """PATH, HOME and LANG, which every git child gets, and the command's own. Git gets nothing else of this process."""
    every = {name: value for name, value in _EVERY_CHILD.items() if not (command.user_config and name in _OUR_CONFIG)}
    return {**program_environment(), **every, **command.environment}


async def run_git(command: GitCommand, bounds: Bounds | None = None) -> bytes:
    """Git's output. Raises GitError if it failed, and UserError if it was too slow, printed too much or is not installed."""
    limits, name = bounds or Bounds(), next(str(word) for word in command.words if not str(word).startswith("-"))
    process = await start_git(command)
    try:
        async with asyncio.timeout(limits.seconds), task_group() as group:
            out = group.create_task(read_some(process.stdout, limits.bytes))
            problem = group.create_task(read_some(process.stderr, limits.bytes))
            group.create_task(_write(process, command.given))
            await process.wait()
    except TimeoutError:
        raise UserError(f"git {name} took longer than {limits.seconds:.0f} s") from None
    except OverflowError:
        raise UserError(f"git {name} printed more than {limits.bytes // 1_000_000} MB; select fewer commits") from None
    finally:
        await end_git(process)
    if process.returncode:
        raise GitError(name, problem.result().decode("utf-8", "replace").strip())
    return out.result()


async def start_git(command: GitCommand) -> Process:
    """Start git in its own session, so that its helpers can be ended with it."""
    started = asyncio.create_task(
        asyncio.create_subprocess_exec(
            "git",
            *command.words,
            cwd=command.folder,
            env=child_environment(command),
            stdin=PIPE if command.given else DEVNULL,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(started)
    except FileNotFoundError:
        raise GitNotFound("git was not found on the PATH; install it") from None
    except asyncio.CancelledError:
        # A start that is cancelled half way waits forever: https://github.com/python/cpython/issues/119710
        await end_git(await started)
        raise


@contextlib.asynccontextmanager
async def task_group() -> AsyncIterator[asyncio.TaskGroup]:
    """Tasks that have all ended when the block ends. The first error is raised unchanged."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def end_git(process: Process) -> None:
    """End git and its helpers, and wait for it."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    # asyncio ends a process when its pipes end, and stops reading a pipe whose reader stopped: without this, wait() may hang.
    await asyncio.gather(*(_drain(stream) for stream in (process.stdout, process.stderr) if stream is not None))
    await process.wait()


async def _drain(stream: asyncio.StreamReader) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await stream.read(_CHUNK):
                pass


async def read_some(stream: asyncio.StreamReader | None, most: int) -> bytes:
    """Everything in a stream. Raises OverflowError if that is more than `most` bytes."""
    read = bytearray()
    while stream is not None and (chunk := await stream.read(_CHUNK)):
        read += chunk
        if len(read) > most:
            raise OverflowError
    return bytes(read)


async def _write(process: Process, data: bytes) -> None:
    if process.stdin is None:
        return
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()
