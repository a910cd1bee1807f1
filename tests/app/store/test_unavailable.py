"""Which errors of a database are the environment's and do not count against a job."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.store.engine.database import Database
from app.store.engine.unavailable import is_database_away


@pytest.mark.parametrize("statement", ["SELECT * FROM nothing", "SELEC 1", "SELECT nothing FROM job", "INSERT INTO job (id) VALUES (NULL)"])
async def test_a_wrong_statement_is_ours(database: Database, statement: str) -> None:
    with pytest.raises(SQLAlchemyError) as raised:
        async with database.write() as connection:
            await connection.execute(text(statement))
    assert not is_database_away(raised.value)


def test_a_folder_or_a_broken_file_is_the_environments(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_bytes(b"not a database" * 1_000)
    for place in (tmp_path, tmp_path / "broken.db"):
        with pytest.raises(sqlite3.Error) as raised:
            sqlite3.connect(place).execute("SELECT * FROM sqlite_master").fetchall()
        assert is_database_away(raised.value)


@pytest.mark.parametrize("error", [OSError("no route"), TimeoutError(), ConnectionResetError()])
def test_a_connection_that_fails_is_the_environments(error: OSError) -> None:
    assert is_database_away(error)
