"""The one place that starts a process: fixed arguments, text on standard input, a minimal environment, bounded in time and size."""

import asyncio
import contextlib
from collections.abc import Sequence

from reviewers.values.value import FrozenValue

MOST_BYTES = 4_000_000


class Ran(FrozenValue):
    """The output of a program; `ok` is False if it could not be started, took too long, or printed too much."""

    ok: bool
    code: int = -1
    output: str = ""
    problem: str = ""


async def run(arguments: Sequence[str], text: str, seconds: float, path: str = "/usr/local/bin:/usr/bin:/bin", folder: str = "/") -> Ran:
    """Run a program without a shell, in `folder`, and read its output."""
    environment = {"PATH": path, "HOME": "/nonexistent"}
    try:
        process = await asyncio.create_subprocess_exec(
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment,
            cwd=folder,
        )
    except OSError as error:
        return Ran(ok=False, problem=f"{arguments[0]} could not be started ({type(error).__name__})")
    try:
        async with asyncio.timeout(seconds):
            output = await _exchange(process, text.encode("utf-8", "surrogatepass"))
            code = await process.wait()
    except TimeoutError:
        return Ran(ok=False, problem=f"took longer than {seconds:.0f} s")
    finally:
        await _end(process)
    if len(output) > MOST_BYTES:
        return Ran(ok=False, problem="printed too much")
    return Ran(ok=True, code=code, output=output.decode("utf-8", "replace"))


async def _exchange(process: asyncio.subprocess.Process, data: bytes) -> bytes:
    output, _ = await asyncio.gather(_read(process), _write(process, data))
    return output


async def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        process.stdin.write(data)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    chunks = bytearray()
    while len(chunks) <= MOST_BYTES and (chunk := await process.stdout.read(65_536)):
        chunks += chunk
    if len(chunks) > MOST_BYTES:
        process.kill()
    return bytes(chunks)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    await process.wait()
    await _drain(process)


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Read the rest: asyncio closes a pipe only at its end, and stops reading one whose reader stopped."""
    assert process.stdout is not None
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1):
            while await process.stdout.read(65_536):
                pass
