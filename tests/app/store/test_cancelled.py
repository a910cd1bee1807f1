"""A cancelled write leaves nothing behind, least of all a lock."""

import asyncio
import contextlib
import random
import time

from sqlalchemy import text

from app.store.engine.database import Database

_INSERT = text("INSERT INTO bookmark (name, at) VALUES (:name, 1)")


async def test_a_cancelled_write_blocks_nobody(database: Database) -> None:
    async def write(name: str) -> None:
        async with database.write() as connection:
            await connection.execute(_INSERT, {"name": name})
            await connection.execute(text("SELECT name FROM bookmark"))

    dice, worst = random.Random(1), 0.0
    for number in range(60):
        given_up = asyncio.create_task(write(f"gone {number}"))
        await asyncio.sleep(dice.random() * 0.004)
        given_up.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await given_up
        started = time.perf_counter()
        await write(f"kept {number}")
        worst = max(worst, time.perf_counter() - started)
    async with database.read() as connection:
        kept = (await connection.execute(text("SELECT count(*) FROM bookmark WHERE name LIKE 'kept %'"))).scalar()
    assert kept == 60
    assert worst < 5.0
