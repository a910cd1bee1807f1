"""Copies and checks SQLite files: change here what makes a copy consistent. The calls block, so run them in a thread."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from app.errors import UserError
from app.store.security.second_file_name import keep_under_second_name

MAGIC = b"SQLite format 3\x00"


def copy_sqlite(source: Path, target: Path) -> None:
    """Write a consistent copy of a database that may be in use, readable only by its owner."""
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    with _opened(source, read_only=True) as theirs, _opened(target) as ours:
        theirs.backup(ours)
        # A single file: a copy in WAL mode would have two more files next to it.
        ours.execute("PRAGMA journal_mode=DELETE")
    with target.open("rb+") as file:
        os.fsync(file.fileno())


def check_sqlite(path: Path) -> str:
    """The schema's revision of an undamaged file. Raises UserError with what is wrong."""
    try:
        with _opened(path, read_only=True) as connection:
            problems = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
            if problems != ["ok"]:
                raise UserError(f"{path} is damaged: {problems[0].splitlines()[0]}")
            return str(connection.execute("SELECT max(version_num) FROM alembic_version").fetchone()[0])
    except sqlite3.DatabaseError as error:
        raise UserError(f"{path} is not a complete backup of Council: {error}") from None


def is_sqlite_in_use(path: Path) -> bool:
    """Whether another process has the database open. Leaving WAL mode needs every lock; Council turns it on again when it starts."""
    if not path.exists():
        return False
    with _opened(path) as connection:
        try:
            return str(connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]) != "delete"
        except sqlite3.OperationalError:
            return True


def replace_sqlite(backup: Path, target: Path) -> Path | None:
    """Replace an unused database with a checked backup. Returns the path of the previous database, if there was one."""
    copy = target.with_name(f".{target.name}.restoring")
    copy_sqlite(backup, copy)
    kept = keep_under_second_name(target, "before-restore") if target.exists() else None
    # They belong to the previous file.
    for name in (f"{target.name}-wal", f"{target.name}-shm"):
        target.with_name(name).unlink(missing_ok=True)
    # In one step: a process that starts now finds either file, never none.
    copy.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return kept


@contextlib.contextmanager
def _opened(path: Path, *, read_only: bool = False) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rw'}", uri=True, timeout=1.0)
    try:
        yield connection
    finally:
        connection.close()
