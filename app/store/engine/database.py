"""Opens the database, SQLite or PostgreSQL, and migrates its schema."""

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
from app.store.engine import sqlite_connection
from app.store.engine.postgres import POOL, open_postgres, probe_pooler
from app.store.engine.postgres_url import is_postgres, read_postgres_url
from app.store.engine.unavailable import is_crowded, reason_of
from app.store.reviews.transcripts import OPTION, Transcripts
from app.store.security.vault import open_vault

# As long as SQLAlchemy's pool waits for a connection that is in use.
_PATIENCE_SECONDS = 30.0
MIGRATIONS = Path(__file__).parents[1] / "migrations"


class Database:
    """An engine with two entry points, `read` and `write`. Each is one transaction."""

    def __init__(self, engine: AsyncEngine, *, by_turns: bool = False) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # SQLite's own wait for the write lock is neither fair nor short, so this process queues its writers itself.
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
        """A transaction that only reads. SQLite takes no write lock for it."""
        async with self._by_turns(), self._connected() as connection:
            if self.is_sqlite:
                await connection.execution_options(council_read=True)
            yield connection

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """A connection. If the server has none left, wait for one of this process's own, which becomes free sooner than a new one."""
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
            # Finish even if a second cancellation comes: a transaction that stays open would lock others out, and a connection that comes
            # back to a pool which was closed meanwhile would never be closed.
            releasing = asyncio.create_task(connection.close())
            try:
                await asyncio.shield(releasing)
            except asyncio.CancelledError:
                await asyncio.wait([releasing])
                raise

    @asynccontextmanager
    async def _by_turns(self) -> AsyncIterator[None]:
        """With sequential reads, wait for other readers, but not for an outer read of the same task."""
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
        """Migrate the schema to the newest revision. Several processes may call this at once."""
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
        """Whether the schema is current."""
        return await self.revision() == newest_revision()

    async def revision(self) -> str:
        """The schema's revision, "" if there is none. Read without Alembic, which would cost a process 10 MB."""
        try:
            async with self.read() as connection:
                return max((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars(), default="")
        except SQLAlchemyError:  # An empty database does not have this table.
            return ""

    async def problem(self, *, writes: bool = True) -> str:
        """Why a query, or with `writes` a no-op update, fails, in the database's words. "" if it works.

        A standby and a full disk still answer reads. `writes` needs the schema.
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
    """The newest revision that this version knows."""
    return max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def sqlite_file(url: str, data: Path) -> Path:
    """The file of an SQLite database; the one in the data folder if `url` is empty."""
    return Path(url.partition("///")[2].partition("?")[0]) if url else data / "council.db"


def open_database(url: str, data: Path, master_key: str = "", *, by_turns: bool = False, pool: int = POOL) -> Database:
    """Open the database at `url`, or SQLite in the data folder if `url` is empty. With `by_turns`, reads run one after the other.

    `master_key` is the vault's, as in `open_vault`. `pool` is how many connections to PostgreSQL are kept; at most twice as many are
    opened. SQLite runs in WAL with synchronous=FULL, so that an acknowledged delivery survives a power cut.
    """
    # Opened once, and only if there is something encrypted to read.
    options = {OPTION: Transcripts(cache(lambda: open_vault(master_key, data)))}
    if not url:
        _prepare(data)
        url = f"sqlite:///{sqlite_file(url, data)}"
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
    """Create the data folder, hidden from any git repository around it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        if not (data / ".gitignore").exists():
            (data / ".gitignore").write_text("*\n")
        if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise SettingsError(f"the data folder {data} cannot be used ({error.strerror}); set COUNCIL_DATA to another folder") from None


def _sqlite(url: URL, options: dict[str, Any]) -> AsyncEngine:
    connect = {"timeout": 30, "isolation_level": None, "async_creator_fn": sqlite_connection.connect}
    engine = create_async_engine(url, pool_size=8, max_overflow=8, hide_parameters=True, connect_args=connect, execution_options=options)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: DBAPIConnection, _: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver's own BEGIN is deferred, and a deferred transaction that starts to write fails at once if another one wrote meanwhile:
    # https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#sqlite-transactions
    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("council_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate the schema of a connection to a revision."""
    # Alembic takes 0.1 s to import, and a process needs it only once.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
