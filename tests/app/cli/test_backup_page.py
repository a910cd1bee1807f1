"""The pages on backups: each sentence has a test that fails when the sentence is wrong, or is advice."""

import hashlib
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from app.store.engine.database import newest_revision
from app.store.security.key_check import fingerprint
from app.store.security.vault import open_vault
from tests.app.cli.test_backup import KEY, NEXT, Operator, operator
from tests.app.store.test_pooler import PgBouncer
from tests.conftest import fresh_postgres

__all__ = ["operator"]
ROOT = Path(__file__).parents[3]
ADVICE = ""
_HERE, _BACKUP, _RESTORED = "app/cli/test_backup_page.py", "app/cli/test_backup.py", "stories/test_restored_backup.py"
_LOST = "app/cli/test_lost_key.py"
# The beginning of each sentence, and the test that holds it.
HOW_TO = {
    "Everything that Council must keep": f"{_RESTORED}:test_an_empty_dump_pays_for_and_posts_nothing_twice",
    "Mirrors and indexes": f"{_RESTORED}:test_mirrors_are_fetched_again_after_a_restore",
    "It works for SQLite and PostgreSQL": f"{_HERE}:test_a_backup_is_written_while_council_runs",
    "The command writes the file": f"{_HERE}:test_the_label_says_what_the_file_is",
    "A file under that name": f"{_HERE}:test_a_backup_that_fails_leaves_nothing",
    "SQLite is copied": f"{_BACKUP}:test_a_copy_of_sqlite_is_one_consistent_file",
    "The file is a SQLite database.": f"{_HERE}:test_the_label_says_what_the_file_is",
    "PostgreSQL is dumped": f"{_BACKUP}:test_a_backup_brings_everything_back",
    "`pg_dump` and `pg_restore` must be": f"{_BACKUP}:test_without_pg_dump_there_is_one_clear_line",
    "The password is given": f"{_BACKUP}:test_a_password_goes_through_the_environment_alone",
    "Keep the master key": ADVICE,
    "Without it, what is sealed": f"{_LOST}:test_a_server_that_lost_its_key_starts_with_what_is_entered",
    "It says in one line what is wrong": f"{_HERE}:test_another_kind_of_database_is_named",
    "Stop every web process": ADVICE,
    "The command refuses while": f"{_BACKUP}:test_a_database_in_use_is_not_replaced",
    "Connections that a pooler keeps open count too": f"{_HERE}:test_connections_of_a_pooler_count",
    "Restore, with the same settings": ADVICE,
    "Without `--yes`": f"{_BACKUP}:test_a_backup_brings_everything_back",
    "With SQLite the database before": f"{_BACKUP}:test_each_restore_keeps_the_database_before",
    "With PostgreSQL the tables": f"{_HERE}:test_a_restore_that_fails_replaces_nothing",
    "Bring the master key": ADVICE,
    "The command says where": f"{_HERE}:test_a_restore_says_that_this_machine_has_another_key",
    "Start Council.": ADVICE,
    "It upgrades an older schema": "stories/test_upgrade.py:test_reviews_continue_across_every_migration",
    "A database with a newer schema": f"{_BACKUP}:test_a_newer_schema_is_left_alone",
}
OPERATIONS = {
    "The master key: without": f"{_LOST}:test_people_sign_in_again",
    "Keep it apart": ADVICE,
    "The database, SQLite or PostgreSQL": f"{_HERE}:test_a_backup_is_written_while_council_runs",
    "The file is checked after": f"{_BACKUP}:test_a_damaged_backup_is_refused",
    "[Backing up]": ADVICE,
    "Leave `COUNCIL_DATA/mirrors`": f"{_RESTORED}:test_mirrors_are_fetched_again_after_a_restore",
    "After a restore, start Council.": ADVICE,
    "It asks GitHub what happened": f"{_RESTORED}:test_a_repository_missing_in_the_backup_is_reviewed",
    "Yesterday's backup": f"{_RESTORED}:test_an_empty_dump_pays_for_and_posts_nothing_twice",
    "The run page then says": f"{_RESTORED}:test_an_empty_dump_pays_for_and_posts_nothing_twice",
    "Commands that arrived": f"{_RESTORED}:test_commands_missing_in_the_backup_are_answered_once",
    "A comment is answered once": f"{_RESTORED}:test_a_new_head_after_the_restore_edits_the_summary",
    "Do not run another Council": ADVICE,
}


def sentences(page: str) -> list[str]:
    """The sentences of a page without its titles, its fenced lines and the marks of its lists."""
    plain = re.sub(r"```.*?```", "", page, flags=re.DOTALL)
    lines = [re.sub(r"^\s*(?:[-*]|\d+\.)\s+", "", line).strip() for line in plain.splitlines() if not line.startswith("#")]
    return [each for line in lines for each in re.split(r"(?<=\.)\s+(?=[A-Z`\[])", line) if each]


def section(page: str, title: str) -> str:
    return page.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize(
    ("page", "title", "holds"), [("docs/how-to/backup.md", "", HOW_TO), ("docs/operations.md", "Backup", OPERATIONS)], ids=["how-to", "run"]
)
def test_each_sentence_has_its_test(page: str, title: str, holds: dict[str, str]) -> None:
    whole = (ROOT / page).read_text("utf-8")
    said = sentences(section(whole, title) if title else whole)
    assert [each for each in said if not any(each.startswith(begin) for begin in holds)] == []
    assert [begin for begin in holds if not any(each.startswith(begin) for each in said)] == []
    for place in filter(None, holds.values()):
        file, _, name = place.partition(":")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text("utf-8"), place


async def test_a_backup_is_written_while_council_runs(operator: Operator, tmp_path: Path) -> None:
    await operator.add("before")
    database = operator.open()
    async with database.write() as connection:
        await connection.execute(text("INSERT INTO bookmark (name, at) VALUES ('not committed', 1)"))
        code, said = await operator.council("backup", str(tmp_path / "x.backup"))
    await database.close()
    assert code == 0, said
    assert (await operator.council("restore", str(tmp_path / "x.backup"), "--yes"))[0] == 0
    assert await operator.names() == {"before"}


async def test_the_label_says_what_the_file_is(tmp_path: Path) -> None:
    operator, file = Operator(tmp_path, environment={"COUNCIL_MASTER_KEY": KEY}), tmp_path / "x.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    raw, about = file.read_bytes(), json.loads((tmp_path / "x.backup.json").read_text())
    sealed_by = fingerprint(open_vault(KEY, tmp_path))
    expected = {"kind": "sqlite", "schema": newest_revision(), "size": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    assert about == expected | {"sealed_by": sealed_by}
    with sqlite3.connect(file) as connection:
        assert connection.execute("SELECT name FROM bookmark").fetchall() == [("before",)]


async def test_a_restore_says_that_this_machine_has_another_key(tmp_path: Path) -> None:
    operator, file = Operator(tmp_path, environment={"COUNCIL_MASTER_KEY": KEY}), tmp_path / "x.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    code, said = await operator.council("restore", str(file), "--yes")
    assert code == 0 and "another" not in said and "right key" not in said, said
    code, said = await operator.council("restore", str(file), "--yes", COUNCIL_MASTER_KEY=NEXT)
    fingerprints = [fingerprint(open_vault(key, tmp_path)) for key in (KEY, NEXT)]
    assert code == 0 and f"the master key {fingerprints[0]}, but this machine has {fingerprints[1]}: install the right key" in said


async def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """pg_dump wrote a part, and the connection broke."""
    target, program = tmp_path / "backups", tmp_path / "pg_dump"
    target.mkdir()
    program.write_text('#!/bin/sh\nfor word in "$@"; do case $word in --file=*) echo PGDMP > "${word#--file=}";; esac; done\nexit 1\n')
    program.chmod(0o755)
    operator = Operator(tmp_path, "postgresql://u:p@127.0.0.1:1/d", {"PATH": f"{tmp_path}:/usr/bin:/bin"})
    code, said = await operator.council("backup", str(target / "x.backup"))
    assert code == 2 and "pg_dump ended with 1" in said, said
    assert list(target.iterdir()) == []


async def test_another_kind_of_database_is_named(tmp_path: Path) -> None:
    operator, file = Operator(tmp_path), tmp_path / "x.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    operator.url = "postgresql://u:p@127.0.0.1:1/d"
    code, said = await operator.council("restore", str(file), "--check")
    assert code == 2 and said.count("\n") == 1 and "is a backup of sqlite, but this instance uses postgresql" in said, said


@pytest.mark.slow
async def test_a_restore_that_fails_replaces_nothing(postgres: str, tmp_path: Path) -> None:
    url = await fresh_postgres(postgres, f"f{abs(hash(str(tmp_path)))}")
    operator, file = Operator(tmp_path, url), tmp_path / "x.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    await operator.add("after")
    connection = await asyncpg.connect(url)
    # It keeps a table from being replaced that comes after the others.
    await connection.execute("CREATE VIEW somebodys AS SELECT * FROM alembic_version")
    await connection.close()
    code, said = await operator.council("restore", str(file), "--yes")
    assert code == 2 and "pg_restore ended with" in said, said
    assert await operator.names() == {"before", "after"}


@pytest.fixture
def pooler(postgres: str) -> Iterator[PgBouncer]:
    if shutil.which("pgbouncer") is None:
        pytest.skip("there is no pgbouncer here: apt-get install pgbouncer")
    with tempfile.TemporaryDirectory(prefix="council-pgbouncer-") as folder:
        opened = PgBouncer(postgres, "transaction", Path(folder))
        yield opened
        opened.process.kill()


@pytest.mark.slow
async def test_connections_of_a_pooler_count(postgres: str, pooler: PgBouncer, tmp_path: Path) -> None:
    name = f"p{abs(hash(str(tmp_path)))}"
    operator, file = Operator(tmp_path, await fresh_postgres(postgres, name)), tmp_path / "x.backup"
    await operator.add("before")
    assert (await operator.council("backup", str(file)))[0] == 0
    through = Operator(tmp_path, pooler.url(name))
    database = through.open()
    async with database.read() as one, database.read() as two:
        for connection in (one, two):
            await connection.execute(text("SELECT 1"))
    await database.close()
    # No process is connected to the pooler now, but the pooler keeps its connections to the server.
    for each in (through, operator):
        code, said = await each.council("restore", str(file), "--yes")
        assert code == 2 and "stop every web process and worker first" in said, said
    pooler.process.terminate()
    pooler.process.wait(20)
    assert (await operator.council("restore", str(file), "--yes"))[0] == 0
