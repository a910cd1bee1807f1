"""Measures how long a worker takes to claim jobs from a full queue, on both databases: 100,000 queued, and as many dead tuples.

`claim_ms` is the whole transaction, which one worker at a time runs and which claims up to ten jobs; `ms_a_claim` is the share of
each, and `cpu_ms_a_claim` the part of it that is our own work. Claimed jobs are finished at once, so the tables age as in production.
The order by fewest running jobs per installation is tested with the claims, not here.
"""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import text, update

from app.store.engine.database import Database, open_database
from app.store.engine.upsert import sql_table
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, anything_due, claim_due
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import finish
from app.store.tables.core import JobRow, JobState
from benchmarks import server
from benchmarks.bars import Bar, Count, at_most, judged
from benchmarks.options import Options, progress
from webhooks.jobs import RepositoryRef, ReviewPullRequest

_JOB = sql_table(JobRow)
_INSTALLATIONS = 200
_ROOM = FreeSlots(10, 10)
_CAPS = ConcurrencyLimits()


def run(options: Options) -> dict[str, object]:
    jobs = 2_000 if options.small else options.n or 100_000
    measured: dict[str, Any] = {"jobs": jobs, "dead_tuples": jobs, "installations": _INSTALLATIONS}
    bars = []
    for kind in ("sqlite", "postgres"):
        progress(f"{jobs} jobs on {kind}")
        with server.database(kind) as url, tempfile.TemporaryDirectory() as data:
            found = asyncio.run(_measure(url, Path(data), jobs, options))
        measured |= {f"{name}_{kind}": value for name, value in found.items()}
        counts = (Count(f"claimed_{kind}", found["claimed"], 400, small=40),)
        bars += [
            Bar(f"ms_a_claim_{kind}", found["ms_a_claim"], at_most(15, small=100), counts),
        ]
    return judged(options, measured, bars)


async def _measure(url: str, data: Path, jobs: int, options: Options) -> dict[str, Any]:
    database = open_database(url, data)
    try:
        await database.migrate()
        await fill(database, jobs)
        return await _claim(database, turns=6 if options.small else 60)
    finally:
        await database.close()


async def fill(database: Database, jobs: int) -> None:
    """Queue the jobs, and as many claimed and finished ones: in PostgreSQL each leaves dead tuples in every index."""
    if not database.is_sqlite:
        async with database.write() as connection:
            await connection.execute(text("ALTER TABLE job SET (autovacuum_enabled = false)"))
    for start in range(0, 2 * jobs, 1_000):
        batch = [(f"j{number:07d}", _job(number), float(number % 1_000)) for number in range(start, start + 1_000)]
        async with database.write() as connection:
            await insert_jobs(connection, batch, 0.0)
    async with database.write() as connection:
        done = _JOB.c.id >= f"j{jobs:07d}"
        await connection.execute(update(_JOB).where(done).values(state=JobState.RUNNING))
        await connection.execute(update(_JOB).where(done).values(state=JobState.DONE, finished_at=1.0))
        await connection.execute(text("ANALYZE"))


def _job(number: int) -> ReviewPullRequest:
    """Half of all jobs are of one installation, like the morning after the migration of a large tenant."""
    installation = 1 if number % 2 else 2 + number % (_INSTALLATIONS - 1)
    repository = RepositoryRef(id=installation * 1_000 + number % 50, full_name=f"acme/r{number % 50}")
    return ReviewPullRequest(
        installation_id=installation, repository=repository, number=number + 1, head_sha=f"{number:040x}", comment_id=0, login=""
    )


async def _claim(database: Database, turns: int) -> dict[str, Any]:
    """Claim and finish, as four workers would in turn."""
    times: list[float] = []
    looks: list[float] = []
    claimed = 0
    cpu = 0.0
    began = time.perf_counter()
    for turn in range(turns):
        now = 2_000.0 + turn
        at = time.perf_counter()
        async with database.read() as connection:
            assert await anything_due(connection, now)
        looks.append(time.perf_counter() - at)
        at, before = time.perf_counter(), time.process_time()
        async with database.write() as connection:
            claims = await claim_due(connection, Claimant(f"w{turn % 4}", now, 15.0), _CAPS, _ROOM)
        times.append(time.perf_counter() - at)
        cpu += time.process_time() - before
        claimed += len(claims)
        async with database.write() as connection:
            for claim in claims:
                await finish(connection, claim, JobState.DONE, now)
    seconds = time.perf_counter() - began
    return {
        "claimed": claimed,
        "claim_ms": _ms(times, 50),
        "claim_ms_95": _ms(times, 95),
        "claim_ms_worst": round(max(times) * 1_000, 1),
        "look_ms": _ms(looks, 50),
        "claims_per_s": round(claimed / seconds),
        "ms_a_claim": round(sum(times) * 1_000 / max(1, claimed), 2),
        "cpu_ms_a_claim": round(cpu * 1_000 / max(1, claimed), 2),
    }


def _ms(times: Sequence[float], percent: int) -> float:
    return round(statistics.quantiles(times, n=100)[percent - 1] * 1_000, 1)
