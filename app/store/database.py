"""Open the database, SQLite or PostgreSQL, and bring its schema up to date."""

import asyncio
import contextlib
import errno
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.errors import SettingsError
from app.store import steady
from app.store.away import is_crowded, reason_of
from app.store.postgres import POOL, open_postgres, probe_pooler
from app.store.postgres_url import is_postgres, read_postgres_url
from app.store.transcripts import OPTION, Transcripts
from app.store.vault import open_vault

# As long as SQLAlchemy's pool waits for a connection that is in use.
_PATIENCE_SECONDS = 30.0
MIGRATIONS = Path(__file__).parent / "migrations"


class Database:
    """An engine and its two ways in: `read` and `write`; each is one transaction."""

    def __init__(self, engine: AsyncEngine, *, by_turns: bool = False) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's own wait for the write lock is neither fair nor short; this process queues its writers itself.
        self._turn: contextlib.AbstractAsyncContextManager[None] = asyncio.Lock() if self.is_sqlite else contextlib.nullcontext()
        self._reading = asyncio.Lock() if by_turns else None
        self._reader: asyncio.Task[object] | None = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end, or rolls back."""
        async with self._turn, self._connected() as connection, connection.begin():
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that writes nothing; SQLite takes no write lock for it."""
        async with self._by_turns(), self._connected() as connection:
            if self.is_sqlite:
                await connection.execution_options(council_read=True)
            yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """A connection. Where the server gives no more, one of this process's own becomes free sooner than a new one."""
        until = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while True:
            try:
                connection = await self.engine.connect()
                break
            except (SQLAlchemyError, OSError) as error:
                if not is_crowded(error) or asyncio.get_running_loop().time() > until:
                    raise
            await asyncio.sleep(random.uniform(0.05, 0.25))
        try:
            yield connection
        finally:
            # To its end, also where a second cancellation comes: a transaction that stays open would lock others out.
            await asyncio.shield(asyncio.create_task(connection.close()))

    @asynccontextmanager
    async def _by_turns(self) -> AsyncIterator[None]:
        """Wait for other readers where they read by turns; not for oneself."""
        task = asyncio.current_task()
        if self._reading is None or self._reader is task:
            yield
            return
        async with self._reading:
            self._reader = task
            try:
                yield
            finally:
                self._reader = None

    async def migrate(self) -> None:
        """Bring the schema to the newest revision; safe to run from several processes."""
        if not self.is_sqlite:
            await probe_pooler(self.engine)
        revision, newest = await self.revision(), newest_revision()
        if revision == newest:
            return
        if revision > newest:
            raise SettingsError(f"the database has the schema {revision}, but this version of Council knows only {newest}; update Council")
        async with self.engine.connect() as connection:
            await connection.run_sync(upgrade)

    async def is_current(self) -> bool:
        """Whether there is nothing to do."""
        return await self.revision() == newest_revision()

    async def revision(self) -> str:
        """The schema's revision, "" where there is none; asked without Alembic, which takes 10 MB that a process would keep."""
        try:
            async with self.read() as connection:
                return max((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars(), default="")
        except SQLAlchemyError:  # An empty database has no such table.
            return ""

    async def problem(self, *, writes: bool = True) -> str:
        """Why a query, or with `writes` a change of nothing, does not get through, as the database says it; "" where it does.

        A standby and a full disk still answer what only reads. The second needs the schema.
        """
        statement = text("UPDATE repository SET removed = removed WHERE id = 0" if writes else "SELECT 1")
        try:
            async with self.write() if writes else self.read() as connection:
                await connection.execute(statement)
        except (SQLAlchemyError, OSError) as error:
            return reason_of(error)
        return ""

    async def close(self) -> None:
        await self.engine.dispose()


def newest_revision() -> str:
    """The revision that this program knows."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def open_database(url: str, data: Path, master_key: str = "", *, by_turns: bool = False, pool: int = POOL) -> Database:
    """The database at `url`, or SQLite in the data folder when `url` is empty; `by_turns` lets one read after the other.

    `master_key` is the vault's, as in `open_vault`; `pool` is how many connections to PostgreSQL are kept, twice as many at most.
    SQLite runs in WAL with synchronous=FULL: an answered delivery survives a power cut.
    """
    # Opened once, and only where something sealed is met.
    options = {OPTION: Transcripts(cache(lambda: open_vault(master_key, data)))}
    if not url:
        _prepare(data)
        url = f"sqlite:///{data / 'council.db'}"
    if is_postgres(url):
        return Database(open_postgres(read_postgres_url(url), options, pool), by_turns=by_turns)
    try:
        parsed = make_url(url)
    except Exception as error:
        raise SettingsError("DATABASE_URL is not a database URL; use for example postgresql://user:password@host/name") from error
    if parsed.get_backend_name() == "sqlite":
        return Database(_sqlite(parsed.set(drivername="sqlite+aiosqlite"), options), by_turns=by_turns)
    raise SettingsError(f"DATABASE_URL names {parsed.get_backend_name()}; Council supports sqlite and postgresql")


def _prepare(data: Path) -> None:
    """Make the data folder, which no repository around it should take in."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not (data / ".gitignore").exists():
            (data / ".gitignore").write_text("*\n")
        if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise SettingsError(f"the data folder {data} cannot be used ({error.strerror}); set COUNCIL_DATA to another folder") from None


def _sqlite(url: URL, options: dict[str, Any]) -> AsyncEngine:
    connect = {"timeout": 30, "isolation_level": None, "async_creator_fn": steady.connect}
    engine = create_async_engine(url, pool_size=8, max_overflow=8, hide_parameters=True, connect_args=connect, execution_options=options)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own BEGIN is deferred, and a deferred transaction that turns into a writer fails at once when another one
    # wrote meanwhile: https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#sqlite-transactions
    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("council_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Bring the schema behind a connection to a revision."""
    # Alembic costs 0.1 s to import, and a process needs it once.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
