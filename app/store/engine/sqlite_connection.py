"""An aiosqlite connection that takes one trip to its thread per statement, and finishes it before it propagates cancellation."""

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self

import aiosqlite


@dataclass(frozen=True)
class _Answer:
    """What a statement returned, read to its end."""

    description: Any = None
    rowcount: int = -1
    lastrowid: int | None = None
    rows: list[Any] = field(default_factory=list)


def _answer(connection: sqlite3.Connection, method: str, sql: str, parameters: object) -> _Answer:
    cursor = connection.cursor()
    try:
        getattr(cursor, method)(sql, parameters)
        rows = cursor.fetchall() if cursor.description else []
        return _Answer(cursor.description, cursor.rowcount, cursor.lastrowid, rows)
    finally:
        cursor.close()


class OneTripCursor:
    """A cursor as SQLAlchemy uses it. The library's own makes four trips: to open, to execute, to read, and to close."""

    def __init__(self, connection: "CancelSafeConnection") -> None:
        self._connection = connection
        self._answer = _Answer()
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: object = ()) -> None:
        """Execute a statement, and read all of its rows."""
        self._answer = await self._connection.answer("execute", sql, parameters)

    async def executemany(self, sql: str, parameters: object) -> None:
        """Execute a statement without rows, once for each set of parameters."""
        self._answer = await self._connection.answer("executemany", sql, parameters)

    async def fetchall(self) -> list[Any]:
        """The rows, in tuples."""
        return self._answer.rows

    async def close(self) -> None:
        """The statement has ended already."""

    @property
    def description(self) -> Any:  # noqa: ANN401 - as sqlite3 has it
        """A tuple per column, None without columns."""
        return self._answer.description

    @property
    def rowcount(self) -> int:
        """How many rows were changed, -1 if that is unknown."""
        return self._answer.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The id of the last row that was inserted."""
        return self._answer.lastrowid


class CancelSafeConnection(aiosqlite.Connection):
    """Finishes the statement first, and is cancelled then.

    Otherwise the thread continues with a BEGIN that is never rolled back, and the database stays locked for every other writer
    (https://github.com/omnilib/aiosqlite/issues/259).
    """

    async def _execute(self, fn: Callable[..., Any], *args: object, **kwargs: object) -> Any:  # noqa: ANN401 - as the library has it
        if not self._running or not self._connection:
            raise ValueError("Connection closed")
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._tx.put_nowait((future, partial(fn, *args, **kwargs)))
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            await asyncio.wait([future])
            raise

    def cursor(self) -> OneTripCursor:  # type: ignore[override]
        """A cursor, without a trip to the thread. SQLAlchemy needs no more of it."""
        return OneTripCursor(self)

    async def answer(self, method: str, sql: str, parameters: object) -> _Answer:
        """Execute in one trip to the thread. `method` is one of sqlite3's cursor."""
        answer: _Answer = await self._execute(_answer, self._connection, method, sql, parameters)
        return answer

    async def close(self) -> None:
        """Roll back and close. With a cursor still alive, closing alone would leave the transaction open."""
        if self._connection is not None:
            await self._execute(self._connection.rollback)
        await super().close()

    def stop(self) -> asyncio.Future[Any] | None:
        """Roll back and close, without waiting for it."""
        if self._running and self._connection is not None:
            self._tx.put_nowait((None, self._connection.rollback))
        return super().stop()


def connect(database: str, **options: Any) -> CancelSafeConnection:  # noqa: ANN401 - sqlite3's own options
    """An unopened connection, as `aiosqlite.connect` returns one. Its thread ends with the process."""
    connection = CancelSafeConnection(partial(sqlite3.connect, database, **options), 64)
    connection._thread.daemon = True
    return connection
