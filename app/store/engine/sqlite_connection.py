"""An aiosqlite connection that finishes the current statement before it propagates cancellation."""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite


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
