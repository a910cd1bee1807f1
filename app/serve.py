"""`council serve`: supervises Valkey, web and worker on one machine."""

import asyncio
import contextlib
import fcntl
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import structlog

from app.background import end_task
from app.configuration.listen_address import require_free_port
from app.configuration.settings import Settings, child_environment
from app.errors import SettingsError
from app.queue.valkey import EmbeddedValkey
from app.smee import follow

log = structlog.get_logger(__name__)

_BACKOFF = (0.2, 1.0, 5.0, 15.0)
_STEADY_SECONDS = 60.0
_END_SECONDS = {signal.SIGINT: 4.0, signal.SIGTERM: 28.0}


@dataclass
class _Child:
    """A process to keep alive, and its current instance."""

    name: str
    environment: Mapping[str, str]
    process: Process | None = field(default=None)


async def supervise(settings: Settings, begun: Callable[[Settings], Coroutine[None, None, None]] | None = None) -> None:
    """Keep Valkey, web and worker running until SIGINT (all gone within 5 s) or SIGTERM (30 s). `begun` runs concurrently."""
    settings.require_whole()
    require_free_port(settings.host, settings.port)
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[signal.Signals] = loop.create_future()

    def on_signal(number: signal.Signals) -> None:
        if not stop.done():
            stop.set_result(number)

    for number in _END_SECONDS:
        loop.add_signal_handler(number, on_signal, number)
    with _locked(settings.data):
        valkey = None if settings.redis_url else EmbeddedValkey(settings.data)
        redis_url = valkey.url if valkey else settings.redis_url
        keepers = []
        if valkey is not None:
            await valkey.start()
            keepers.append(asyncio.create_task(_keep_valkey(valkey)))
        children = [
            _Child("web", {**child_environment(settings, with_keys=False), "REDIS_URL": redis_url}),
            _Child("worker", {**child_environment(settings, with_keys=True), "REDIS_URL": redis_url}),
        ]
        keepers += [asyncio.create_task(_keep(child)) for child in children]
        if begun is not None:
            keepers.append(asyncio.create_task(begun(settings)))
        if settings.smee_url:
            keepers.append(
                asyncio.create_task(follow(settings.smee_url, f"http://{_reached(settings.host)}:{settings.port}/webhooks/github"))
            )
        log.info("serving", url=f"http://{settings.host}:{settings.port}", data=str(settings.data))
        number = await stop
        await asyncio.gather(*(end_task(keeper) for keeper in keepers), return_exceptions=True)
        await asyncio.gather(*(_end(child, number) for child in children))
        if valkey is not None:
            await valkey.stop()


def _reached(host: str) -> str:
    """The address at which this machine reaches itself."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - not bound to


async def _keep(child: _Child) -> None:
    """Start the child again whenever it ends, with growing delays. Exit 2 means that its settings are wrong."""
    failures = 0
    while True:
        started = asyncio.get_running_loop().time()
        child.process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "app.cli", child.name, env=dict(child.environment), start_new_session=True
        )
        code = await child.process.wait()
        lived = asyncio.get_running_loop().time() - started
        failures = 0 if lived > _STEADY_SECONDS else failures + 1
        pause = _BACKOFF[min(failures, len(_BACKOFF)) - 1] if failures else _BACKOFF[0]
        log.error("a process ended; restarting it", process=child.name, code=code, seconds=pause)
        await asyncio.sleep(pause)


async def _keep_valkey(valkey: EmbeddedValkey) -> None:
    process = valkey.process
    while process is not None:
        await process.wait()
        log.error("Valkey ended; restarting it")
        await asyncio.sleep(_BACKOFF[1])
        process = await valkey.start()


async def _end(child: _Child, number: signal.Signals) -> None:
    process = child.process
    if process is None or process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.send_signal(number)
        try:
            async with asyncio.timeout(_END_SECONDS[number]):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@contextlib.contextmanager
def _locked(data: Path) -> Iterator[None]:
    """Lock the data folder, so that two servers never share it."""
    data.mkdir(parents=True, exist_ok=True)
    with (data / "council.pid").open("a+") as file:
        _take(file, data)
        yield


def _take(file: IO[str], data: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        raise SettingsError(
            f"another council serve (process {file.read().strip()}) uses {data}; set COUNCIL_DATA to another folder"
        ) from None
    file.seek(0)
    file.truncate()
    file.write(f"{os.getpid()}\n")
    file.flush()
