"""SQLite's connection: what a statement costs, and what its cursor tells."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.store.engine.database import Database, open_database


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database("", tmp_path)
    async with opened.write() as connection:
        await connection.execute(text("CREATE TABLE kept (id INTEGER PRIMARY KEY, name TEXT)"))
    yield opened
    await opened.close()


class Trips:
    """Counts what is sent to the thread of a connection."""

    def __init__(self, put: Callable[[object], None]) -> None:
        self.count = 0
        self._put = put

    def put_nowait(self, sent: object) -> None:
        self.count += 1
        self._put(sent)

    put = put_nowait


async def test_a_statement_takes_one_trip(database: Database) -> None:
    async with database.write() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        trips = driver._tx = Trips(driver._tx.put_nowait)
        await connection.execute(text("INSERT INTO kept (name) VALUES ('a'), ('b')"))
        assert trips.count == 1
        assert (await connection.execute(text("SELECT name FROM kept ORDER BY id"))).scalars().all() == ["a", "b"]
        assert trips.count == 2


async def test_a_cursor_tells_what_was_done(database: Database) -> None:
    many = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    async with database.write() as connection:
        assert (await connection.execute(text("INSERT INTO kept (name) VALUES (:name)"), many)).rowcount == 3
        assert (await connection.execute(text("INSERT INTO kept (name) VALUES ('d')"))).lastrowid == 4
        assert (await connection.execute(text("UPDATE kept SET name = 'x' WHERE id > 2"))).rowcount == 2
        returned = await connection.execute(text("DELETE FROM kept WHERE id > 1 RETURNING id, name"))
        assert list(returned.keys()) == ["id", "name"] and sorted(returned.all()) == [(2, "b"), (3, "x"), (4, "x")]
        found = await connection.execute(text("SELECT id FROM kept WHERE id > 99"))
        assert found.first() is None and list(found.keys()) == ["id"]


async def test_after_a_wrong_statement_the_connection_works(database: Database) -> None:
    with pytest.raises(OperationalError, match="no such table"):
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO kept (name) VALUES ('lost')"))
            await connection.execute(text("SELECT * FROM missing"))
    async with database.write() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM kept"))).scalar_one() == 0
