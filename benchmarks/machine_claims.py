"""Measures how many jobs per second three workers claim and finish through a pooler: the queue's own limit for all workers."""

import asyncio
import tempfile
import time
from pathlib import Path

import asyncpg

from app.store.engine.database import Database, open_database
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, claim_due
from app.store.queue.jobs import finish
from app.store.tables.core import JobState
from benchmarks.claims import fill
from benchmarks.options import Options
from benchmarks.real_parts import postgres_url

_NAME = "claims"
_CLAIMERS = 3
_JOBS, _SECONDS = 10_000, 10.0
_CAPS, _ROOM = ConcurrencyLimits(), FreeSlots(10, 10)


def claims_per_s(postgres: int, pooler: int, options: Options) -> float:
    """Of some ten thousand queued jobs, and as many finished ones, in a separate database on the same server."""
    return asyncio.run(_measure(postgres, pooler, _JOBS // 10 if options.small else _JOBS, _SECONDS / 5 if options.small else _SECONDS))


async def _measure(postgres: int, pooler: int, jobs: int, seconds: float) -> float:
    admin = await asyncpg.connect(postgres_url(postgres, "postgres"))
    await admin.execute(f"CREATE DATABASE {_NAME}")
    await admin.close()
    with tempfile.TemporaryDirectory() as folder:
        databases = [open_database(postgres_url(pooler, _NAME), Path(folder)) for _ in range(_CLAIMERS)]
        try:
            for database in databases:
                await database.migrate()
            await fill(databases[0], jobs)
            began = time.perf_counter()
            claimed = await asyncio.gather(*(_claim(database, f"w{number}", seconds) for number, database in enumerate(databases)))
            return round(sum(claimed) / (time.perf_counter() - began), 1)
        finally:
            for database in databases:
                await database.close()


async def _claim(database: Database, owner: str, seconds: float) -> int:
    claimed, end, now = 0, time.perf_counter() + seconds, 2_000.0
    while time.perf_counter() < end:
        async with database.write() as connection:
            claims = await claim_due(connection, Claimant(owner, now, 15.0), _CAPS, _ROOM)
        async with database.write() as connection:
            for claim in claims:
                await finish(connection, claim, JobState.DONE, now)
        claimed += len(claims)
    return claimed
