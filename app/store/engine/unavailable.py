"""Tells an unreachable, full or read-only database from a wrong statement: change here what does not count as a failure of a job."""

import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

# too_many_connections, configuration_limit_exceeded: https://www.postgresql.org/docs/current/errcodes-appendix.html
_CROWDED = frozenset({"53300", "53400"})
_OURS = (IntegrityError, DataError, ProgrammingError)


def is_database_away(error: Exception) -> bool:
    """Whether the environment caused an SQLAlchemyError or OSError, that is, none of our statements did."""
    if isinstance(error, _OURS):
        return False
    # SQLite's driver has one class for a full disk and for a wrong statement; only the code differs: https://sqlite.org/rescode.html#error
    return getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def is_crowded(error: Exception) -> bool:
    """Whether the server, or a pooler in front of it, has no free connection."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    return isinstance(cause, TimeoutError) or getattr(cause, "sqlstate", None) in _CROWDED or "no more connections allowed" in str(cause)


def reason_of(error: Exception) -> str:
    """The kind of an error and the first line of the database's or system's message. No statement, parameters or password."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    cause = cause.__cause__ if isinstance(cause.__cause__, Exception) else cause
    words = str(cause).strip().partition("\n")[0][:200]
    return f"{type(cause).__name__}: {words}" if words else type(cause).__name__
