"""The wake-up of workers while Redis is gone, silent or back: no worker hangs at its end, and no traceback is printed."""

import asyncio
import contextlib
import gc
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.queue.arq_notifier import ArqNotifier, listen_for_jobs
from app.queue.valkey import EmbeddedValkey
from app.sandbox.server import Sandbox

PAUSE = 0.05


@dataclass
class Door:
    """A doorbell, the task that answers it, and asyncio's complaints."""

    valkey: EmbeddedValkey
    bell: ArqNotifier
    answering: asyncio.Task[None]
    heard: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def ring(self, count: int = 20) -> None:
        for number in range(count):
            self.bell.ring(f"{time.time()}-{number}", time.time())

    async def hears(self) -> None:
        """Ring until it is heard."""
        before = len(self.heard)
        async with asyncio.timeout(60):
            while len(self.heard) == before:
                self.ring(1)
                await asyncio.sleep(0.05)

    def send(self, number: signal.Signals) -> None:
        assert self.valkey.process is not None
        os.kill(self.valkey.process.pid, number)

    async def kill(self) -> None:
        assert self.valkey.process is not None
        self.valkey.process.kill()
        await self.valkey.process.wait()

    async def end(self) -> None:
        """End as a worker does at SIGTERM, and check for leftovers."""
        self.answering.cancel()
        done, _ = await asyncio.wait([self.answering], timeout=10)
        assert done and self.answering.cancelled()
        gc.collect()
        await asyncio.sleep(0)
        assert self.complaints == []


@contextlib.asynccontextmanager
async def opened() -> AsyncIterator[Door]:
    # A socket's path has at most 100 characters.
    with tempfile.TemporaryDirectory(prefix="council-") as folder:
        valkey = EmbeddedValkey(Path(folder))
        heard: list[str] = []

        async def run(job_id: str) -> None:
            heard.append(job_id)

        async with ArqNotifier(valkey.url) as bell:
            door = Door(valkey, bell, asyncio.create_task(listen_for_jobs(valkey.url, run, PAUSE)), heard)
            asyncio.get_running_loop().set_exception_handler(lambda _, context: door.complaints.append(str(context)))
            try:
                yield door
            finally:
                if valkey.process is not None and valkey.process.returncode is None:
                    door.send(signal.SIGCONT)
                    await door.kill()


@pytest.mark.slow
async def test_redis_is_unreachable_at_the_start_and_comes_back() -> None:
    async with opened() as door:
        door.ring()
        await door.valkey.start()
        await door.hears()
        await door.end()


@pytest.mark.slow
async def test_redis_goes_away_later_and_comes_back() -> None:
    async with opened() as door:
        await door.valkey.start()
        await door.hears()
        door.ring()
        await door.kill()
        await door.valkey.start()
        await door.hears()
        await door.end()


async def test_a_worker_ends_while_redis_is_unreachable() -> None:
    async with opened() as door:
        await door.valkey.start()
        await door.hears()
        door.ring()
        await door.kill()
        await door.end()


async def test_a_worker_ends_while_redis_is_silent() -> None:
    async with opened() as door:
        await door.valkey.start()
        await door.hears()
        door.ring()
        door.send(signal.SIGSTOP)
        await door.end()


@pytest.mark.slow
async def test_sigterm_ends_a_process_while_redis_is_silent(tmp_path: Path) -> None:
    """It prints no traceback."""
    async with Sandbox.start() as sandbox, opened() as door:
        await door.valkey.start()
        environment = {**os.environ, **sandbox.environment(), "COUNCIL_DATA": str(tmp_path), "REDIS_URL": door.valkey.url, "MIRRORS": "off"}
        with (tmp_path / "log").open("wb") as log:
            worker = subprocess.Popen([sys.executable, "-m", "app.cli", "worker"], env=environment, stdout=log, stderr=log)
        try:
            async with asyncio.timeout(60):
                while "ready for work" not in (tmp_path / "log").read_text():
                    assert worker.poll() is None, (tmp_path / "log").read_text()
                    await asyncio.sleep(0.1)
            door.send(signal.SIGSTOP)
            worker.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(worker.wait, 30) == 0
        finally:
            worker.kill()
            worker.wait()
        assert "Traceback" not in (tmp_path / "log").read_text()
        await door.end()
