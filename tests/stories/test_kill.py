"""A worker is killed in the middle of a run: after a restart there is exactly one review, and no stored answer is paid for again."""

import asyncio
import contextlib
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.configuration.settings import child_environment
from app.sandbox.providers.model import ModelFault
from app.store.engine.upsert import sql_table
from app.store.tables.core import SeatAnswerRow
from tests.stories.harness import DIVISION, INJECTION, SEATS, InProcessSystem, open_system

ROOT = Path(__file__).parents[2]


@contextlib.asynccontextmanager
async def worker(system: InProcessSystem) -> AsyncIterator[Process]:
    """A real worker process, on the same database."""
    environment = child_environment(system.settings, with_keys=True) | system.sandbox.environment()
    environment |= {"COUNCIL_DATA": str(system.settings.data), "COUNCIL_SEATS": ",".join(SEATS), "LOG_FORMAT": "json"}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "worker", env=environment, cwd=ROOT)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for a result of another process."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.05)


async def until_stored(system: InProcessSystem, answers: int) -> None:
    """Wait until that many answers are stored."""
    query = select(func.count()).select_from(sql_table(SeatAnswerRow))
    async with asyncio.timeout(20):
        while True:
            async with system.services.database.read() as connection:
                if (await connection.execute(query)).scalar() == answers:
                    return
            await asyncio.sleep(0.05)


@pytest.mark.timeout(180)
@pytest.mark.slow
async def test_a_killed_workers_job_resumes_and_pays_nothing_twice(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        # The third seat answers in the first round and hangs in the second, where the worker is killed.
        third = system.sandbox.providers.model("gemini-3.1-pro-preview")
        third.faults.extend([ModelFault.NONE, ModelFault.HANG])
        calls = system.sandbox.providers.calls
        pull = system.open()
        await system.sandbox.settled()
        async with worker(system) as first:
            await until(lambda: len(calls) == 4)
            await until_stored(system, 4)
            first.send_signal(signal.SIGKILL)
            await first.wait()
        assert system.comments(pull) == []
        async with worker(system):
            await until(lambda: any(check.status == "completed" for check in system.checks()))
        assert len(system.comments(pull)) == 1
        assert [review.state for review in pull.reviews] == ["COMMENTED"]
        assert len(system.checks()) == 1
        prompts = [(call.model, call.prompt_sha256) for call in calls if call.status == 200]
        assert len(prompts) == len(set(prompts)) == 6
