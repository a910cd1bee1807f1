"""Caches the symbols of files by the ids of their blobs, so that the next commit costs only what changed."""

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reviewers.context.repository.blob_symbols import FORMAT

NAME = "symbols.sqlite"
# A larger cache is deleted. An index of 80 MB of source takes some 40 MB.
MOST_BYTES = 1_000_000_000
_BATCH = 500
# Names from deleted code are kept no longer than reviews are by default.
_DAYS = 90


class SymbolCache:
    """One SQLite file in a folder. All of it can be rebuilt: a damaged file is deleted, a read-only one not used.

    Its methods block; run them in a thread.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path = folder / NAME
        self._clock = clock

    def read(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The cached symbols of these keys."""
        rows: dict[str, bytes] = {}
        with contextlib.suppress(OSError):
            if self._path.is_file():
                self._guarded(lambda connection: rows.update(_select(connection, keys)))
        return rows

    def write(self, rows: Mapping[str, bytes]) -> None:
        """Cache these symbols."""
        if not rows:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            if self._path.is_file() and self._path.stat().st_size > MOST_BYTES:
                self._delete()
            self._guarded(lambda connection: _insert(connection, rows))

    def _guarded(self, work: Callable[[sqlite3.Connection], None]) -> None:
        try:
            with _opened(self._path, int(self._clock() // 86_400)) as connection:
                work(connection)
        except sqlite3.OperationalError:
            # Locked by another process, or the disk is full or read-only: without the cache the files are read again.
            return
        except sqlite3.DatabaseError:
            self._delete()

    def _delete(self) -> None:
        for path in self._path.parent.glob(f"{NAME}*"):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def _opened(path: Path, today: int) -> Iterator[sqlite3.Connection]:
    """The file, emptied first if it has another format or was started more than 90 days before `today`, a day since the epoch."""
    connection = sqlite3.connect(path, timeout=2)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=OFF")
        form, begun = (connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id"))
        if form != FORMAT or not begun <= today <= begun + _DAYS:
            connection.execute("DROP TABLE IF EXISTS symbols")
            connection.execute(f"PRAGMA user_version={FORMAT:d}")
            connection.execute(f"PRAGMA application_id={today:d}")
        connection.execute("CREATE TABLE IF NOT EXISTS symbols (key TEXT PRIMARY KEY, data BLOB NOT NULL) WITHOUT ROWID")
        yield connection
        connection.commit()
    finally:
        connection.close()


def _select(connection: sqlite3.Connection, keys: Sequence[str]) -> Iterable[tuple[str, bytes]]:
    for at in range(0, len(keys), _BATCH):
        part = keys[at : at + _BATCH]
        marks = ",".join("?" * len(part))
        for key, data in connection.execute(f"SELECT key, data FROM symbols WHERE key IN ({marks})", part):  # noqa: S608 - marks only
            if isinstance(key, str) and isinstance(data, bytes):
                yield key, data


def _insert(connection: sqlite3.Connection, rows: Mapping[str, bytes]) -> None:
    connection.executemany("INSERT OR REPLACE INTO symbols VALUES (?, ?)", rows.items())
