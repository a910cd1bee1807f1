"""Tells whether another process uses the database, for commands that must run alone: change here what counts as use."""

import asyncio
import fcntl
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import UserError
from app.store.engine.database import Database, sqlite_file
from app.store.engine.postgres_url import is_postgres
from app.store.engine.sqlite_backup import is_sqlite_in_use
from app.store.engine.unavailable import reason_of

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend' AND usename = current_user"
)


async def find_user(url: str, data: Path, open_it: Callable[[], Database]) -> str:
    """Which other process uses the database, in words, "" if none does."""
    if _serves(data):
        return "a council serve"
    if not is_postgres(url):
        return "another process" if await asyncio.to_thread(is_sqlite_in_use, sqlite_file(url, data)) else ""
    database = open_it()
    try:
        async with database.read() as connection:
            others = int((await connection.execute(_OTHERS)).scalar_one())
    except (SQLAlchemyError, OSError) as error:
        raise UserError(f"the database does not answer: {reason_of(error)}") from None
    finally:
        await database.close()
    return f"another process ({others} connections)" if others else ""


def _serves(data: Path) -> bool:
    """Whether a `council serve` holds the data folder."""
    lock = data / "council.pid"
    if not lock.exists():
        return False
    with lock.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
