"""Opens PostgreSQL, directly or through a pooler: change here how connections are kept and statements are named."""

import asyncio
import ssl
import time
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import event, text
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from app.errors import SettingsError
from app.store.engine.postgres_url import PostgresTarget

if TYPE_CHECKING:
    from asyncpg import Connection

log = structlog.get_logger(__name__)

# Connections that a process keeps. Under load it opens as many again, and closes them afterwards.
POOL = 5
# Poolers and clouds close long idle connections silently.
_RECYCLE_SECONDS = 1_800
# A connection used within this time is not pinged, which through a pooler takes four round trips. That the other side closed it is
# known without one.
_FRESH_SECONDS = 5.0
# A pooler with a single server makes the probe wait.
_PROBE_SECONDS = 3.0
# A query with a list is another statement for each length of it.
_REMEMBERED = 500
# invalid_sql_statement_name, duplicate_prepared_statement: https://www.postgresql.org/docs/current/errcodes-appendix.html
_POOLED = frozenset({"26000", "42P05"})


class Statements:
    """Whether statements may have names. They may not behind a pooler that gives each transaction another connection.

    https://www.pgbouncer.org/faq.html#how-to-use-prepared-statements-with-transaction-pooling
    """

    def __init__(self) -> None:
        self.unnamed = False

    def connect_arguments(self) -> dict[str, Any]:
        """The arguments for the driver's connections."""
        if self.unnamed:
            return {"prepared_statement_cache_size": 0, "prepared_statement_name_func": str}
        return {"prepared_statement_cache_size": _REMEMBERED, "prepared_statement_name_func": None}

    def learn(self, error: BaseException | None) -> bool:
        """Stop naming statements for the rest of this process's life, if a pooler caused the error. Returns whether it did."""
        if getattr(error, "sqlstate", None) not in _POOLED:
            return False
        if not self.unnamed:
            log.info("the database is behind a pooler: statements are unnamed")
        self.unnamed = True
        return True


def open_postgres(target: PostgresTarget, options: dict[str, Any], pool: int = POOL, fresh_seconds: float = _FRESH_SECONDS) -> AsyncEngine:
    """An engine, not connected yet. Raises SettingsError without the driver."""
    try:
        import asyncpg
    except ModuleNotFoundError as error:
        raise SettingsError('PostgreSQL needs its driver: pip install "council[postgres]"') from error
    statements = Statements()

    async def connect(**_: object) -> "Connection[Any]":
        trust = ssl.create_default_context() if target.system_certificates else None
        # With 0, the driver's own statements get no names either.
        names = {"statement_cache_size": 0} if statements.unnamed else {}
        settings = dict(target.settings)
        return await asyncpg.connect(dsn=target.dsn, timeout=target.seconds, ssl=trust, server_settings=settings, **names)

    engine = create_async_engine(
        "postgresql+asyncpg://",
        hide_parameters=True,
        execution_options=options,
        # In turn, so that a broken connection is not used again and again.
        pool_use_lifo=False,
        pool_recycle=_RECYCLE_SECONDS,
        pool_size=pool,
        max_overflow=pool,
        connect_args={"async_creator_fn": connect},
    )

    @event.listens_for(engine.sync_engine, "do_connect")
    def choose(_dialect: object, _record: object, _arguments: object, parameters: dict[str, Any]) -> None:
        parameters.update(statements.connect_arguments())

    @event.listens_for(engine.sync_engine, "handle_error")
    def notice(context: ExceptionContext) -> None:
        if statements.learn(context.original_exception):
            # All connections are opened again.
            context.is_disconnect = True
            context.invalidate_pool_on_disconnect = True

    _keep_usable(engine, statements, fresh_seconds)
    return engine


def _keep_usable(engine: AsyncEngine, statements: Statements, fresh_seconds: float) -> None:
    """Hand out no connection that was closed meanwhile."""
    dialect = engine.sync_engine.dialect

    @event.listens_for(engine.sync_engine, "checkin")
    def note(_: object, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if connection.driver_connection.is_closed():
            raise InvalidatePoolError
        used_at = record.info.get("used_at")
        if used_at is None or time.monotonic() - used_at < fresh_seconds:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            statements.learn(error)
            raise InvalidatePoolError from error


async def probe_pooler(engine: AsyncEngine) -> None:
    """Find out whether statements may have names, before other work depends on it.

    While another connection holds the server that knows a statement, a transaction pooler uses a second server.
    """
    try:
        async with asyncio.timeout(_PROBE_SECONDS), engine.connect() as first, engine.connect() as second:
            await first.execute(text("SELECT 1"))
            await first.rollback()
            await second.execute(text("SELECT 1"))
            await first.execute(text("SELECT 1"))
    except (SQLAlchemyError, OSError):
        # There is a pooler, which `notice` has seen. Or the database does not answer, which the next query will show.
        return
