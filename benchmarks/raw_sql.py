"""Reads the database without the product: on the benchmark's own connection, with its own statements."""

import sqlite3
from pathlib import Path


async def rows(url: str, folder: Path, statement: str) -> list[tuple[object, ...]]:
    """The rows of a statement; an empty URL is the SQLite file in the data folder."""
    if not url:
        with sqlite3.connect(f"file:{folder / 'council.db'}?mode=ro", uri=True, timeout=30) as connection:
            return connection.execute(statement).fetchall()
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()


async def number(url: str, folder: Path, statement: str) -> int:
    """The single number that a statement returns."""
    return int(str((await rows(url, folder, statement))[0][0]))
