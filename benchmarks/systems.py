"""A complete system on a fresh database for a benchmark, and a clock that can be advanced."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import delete

from app import log
from app.clock import now
from app.store.engine.upsert import sql_table
from app.store.tables.github_api import GitHubWriteRow
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Slots, Worker
from benchmarks import server
from benchmarks.options import Options
from tests.system import InProcessSystem, SystemOptions, start_system


@dataclass
class Ahead:
    """The real clock with an offset."""

    seconds: float = 0.0

    def __call__(self) -> float:
        return now() + self.seconds


@contextlib.asynccontextmanager
async def system(options: Options, plan: SystemOptions | None = None) -> AsyncIterator[InProcessSystem]:
    """By default without models: the analyzer seat alone reviews, which is enough for publishing and queueing."""
    log.set_up(as_json=True, secrets=(), quiet=True)
    chosen = plan or SystemOptions(seats=())
    with tempfile.TemporaryDirectory(prefix="council-bench-") as folder, server.database(options.database) as url:
        async with start_system(Path(folder), replace(chosen, database_url=url)) as built:
            yield built


def lift_limits(built: InProcessSystem) -> None:
    """Let the sandbox's GitHub accept any number of requests and writes; `forget_pace` does the same for Council."""
    meter = built.sandbox.github.meter
    meter.limits = replace(meter.limits, primary_hour=10**9, writes_minute=None, writes_hour=None)


async def forget_pace(built: InProcessSystem) -> None:
    """Forget past writes, so that a measurement does not wait for GitHub's limit of 500 writes per hour."""
    async with built.services.database.write() as connection:
        await connection.execute(delete(sql_table(GitHubWriteRow)))


def worker_at(built: InProcessSystem, clock: Ahead, owner: str = "w", slots: Slots | None = None) -> Worker:
    """Another worker of the system, on that clock."""
    return Worker(replace(built.services, clock=clock, owner=owner), JOB_HANDLERS, slots or Slots())
