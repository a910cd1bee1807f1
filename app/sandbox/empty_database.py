"""Copies an empty, migrated SQLite database for each system from the process's first one: migrating takes 0.15 s, copying 1 ms."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from app.store.engine.database import upgrade


def place_empty_database(data: Path) -> None:
    """Put the file where `open_database` looks for it in a data folder, unless it exists."""
    data.mkdir(parents=True, exist_ok=True)
    if not (data / "council.db").exists():
        (data / "council.db").write_bytes(_migrated())


@cache
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory(prefix="council-empty-") as folder:
        file = Path(folder) / "council.db"
        engine = create_engine(f"sqlite:///{file}")
        with engine.connect() as connection:
            upgrade(connection)
        engine.dispose()
        return file.read_bytes()
