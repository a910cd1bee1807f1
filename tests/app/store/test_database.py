"""The schema: migrated by several processes at once, and equal to the tables."""

import asyncio
import gc
import os
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlmodel import SQLModel

from app.errors import SettingsError
from app.store.engine.database import MIGRATIONS, Database, open_database, upgrade
from app.store.queue.claims import Claimant, ConcurrencyLimits, FreeSlots, claim_due
from app.store.queue.jobs import FailureRecord
from webhooks.jobs import Prune

_MIGRATE = """
import asyncio, sys
from pathlib import Path
from app.store.engine.database import open_database

async def main() -> None:
    database = open_database("", Path(sys.argv[1]))
    await database.migrate()
    await database.close()

asyncio.run(main())
"""


@pytest.mark.slow
async def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    started = [await asyncio.create_subprocess_exec(sys.executable, "-c", _MIGRATE, str(tmp_path)) for _ in range(3)]
    assert [await process.wait() for process in started] == [0, 0, 0]


async def test_a_current_schema_is_checked_without_alembic(database: Database) -> None:
    """The newest file's number is its revision, and nothing else is read."""
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert heads == [max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))]
    async with database.write() as connection:
        assert list((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars()) == heads
        await connection.execute(text("DROP TABLE typical_cost"))
    await database.migrate()
    async with database.write() as connection:
        assert not await connection.run_sync(lambda each: inspect(each).has_table("typical_cost"))


# An index on an expression, which SQLAlchemy does not read back from SQLite.
@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index ix_job_other_due")
async def test_the_migrations_create_the_tables(database: Database) -> None:
    def ours(name: str | None, kind: str, parents: object) -> bool:
        # The full-text index differs per database, and FTS5 adds internal tables.
        own = ("consultation_words", "ix_consultation_words", "run_words", "ix_run_words")
        # Partial indexes, which only their migrations name.
        own += (
            "ix_run_full",
            "ix_job_review_due",
            "ix_job_other_due",
            "ix_job_laned",
            "ix_job_lease",
            "ix_pull_request_open",
            "ix_run_reason",
        )
        return not (name or "").startswith(own)

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection, opts={"include_name": ours}), SQLModel.metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_another_database_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="Council supports sqlite and postgresql"):
        open_database("mysql://localhost/x", tmp_path)


async def test_a_database_of_the_last_release_is_migrated(tmp_path: Path) -> None:
    """Its rows stay, and new columns get correct values."""
    old = open_database("", tmp_path)
    async with old.engine.connect() as connection:
        await connection.run_sync(upgrade, "0001")
    async with old.write() as connection:
        await connection.execute(
            text(
                "INSERT INTO job (id, key, kind, payload, installation_id, repository_id, number, state, stage, run_at, created_at,"
                " failures, crashes, fence, lease_until, owner, error)"
                " VALUES ('j', 'k', 'prune', :payload, 0, 0, 0, 'queued', '', 1.0, 1.0, 0, 0, 0, 0.0, '', '')"
            ),
            {"payload": Prune(slot="1").model_dump_json()},
        )
    await old.migrate()
    async with old.write() as connection:
        [held] = await claim_due(connection, Claimant("w", 2.0, 15.0), ConcurrencyLimits(), FreeSlots(1, 1))
    assert (held.job, held.record) == (Prune(slot="1"), FailureRecord())
    await old.close()


async def test_runs_from_before_the_pages_stay_complete(tmp_path: Path) -> None:
    """Rebuilding their table loses no row and no column."""
    old = open_database("", tmp_path)
    async with old.engine.connect() as connection:
        await connection.run_sync(upgrade, "0005")
    names = ("id", "key", "job_id", "repository", "head_sha", "trigger", "cause", "login", "state", "reason", "snapshot", "verdict")
    run = {name: f"{name} of it" for name in names} | {"installation_id": 7, "repository_id": 2**40, "number": 3}
    run |= {"created_at": 1.5, "updated_at": 2.5}
    async with old.write() as connection:
        columns = ", ".join(run)
        await connection.execute(text(f"INSERT INTO run ({columns}) VALUES ({', '.join(f':{name}' for name in run)})"), run)
    await old.migrate()
    async with old.read() as connection:
        kept = (await connection.execute(text("SELECT * FROM run"))).mappings().one()
    assert {name: kept[name] for name in run} == run
    assert (kept["title"], kept["headline"]) == ("", "")
    await old.close()


async def test_a_web_process_migrates_in_another_process(tmp_path: Path) -> None:
    """So that it never loads what only a migration needs."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "COUNCIL_DATA": str(tmp_path)}
    program = (
        "import asyncio, sys; from app.operations.migration_process import upgrade_apart;"
        " from app.configuration.settings import from_environment;"
        " asyncio.run(upgrade_apart(from_environment())); sys.stdout.write(' '.join({'alembic', 'typer'} & set(sys.modules)))"
    )
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, env=environment, stdout=asyncio.subprocess.PIPE)
    assert await process.communicate() == (b"", None)
    made = open_database("", tmp_path)
    assert await made.is_current()
    await made.close()


async def test_sequential_reads_wait_for_others_not_for_themselves(tmp_path: Path) -> None:
    database = open_database("", tmp_path, by_turns=True)
    most, inside = 0, 0

    async def look() -> None:
        nonlocal most, inside
        async with database.read():
            inside += 1
            most = max(most, inside)
            async with database.read() as again:
                await again.execute(text("SELECT 1"))
            inside -= 1

    await asyncio.gather(*(look() for _ in range(5)))
    late = asyncio.create_task(look())
    async with database.read():
        await asyncio.sleep(0)
        late.cancel()
    await look()
    assert most == 1
    await database.close()


async def test_a_newer_schema_is_refused_in_one_sentence(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SettingsError, match="schema 9999, but this version of Council knows only"):
        await database.migrate()


async def test_a_read_that_is_canceled_while_it_ends_leaves_no_connection_behind(tmp_path: Path) -> None:
    """One that comes back to a closed pool is closed by nobody, and warns when it is collected."""
    for turns in range(20):
        database, is_read = open_database("", tmp_path), asyncio.Event()
        reading = asyncio.create_task(_read_and_tell(database, is_read))
        await is_read.wait()
        for _ in range(turns):
            await asyncio.sleep(0)
        reading.cancel()
        await asyncio.wait([reading])
        await database.close()
    gc.collect()


async def _read_and_tell(database: Database, is_read: asyncio.Event) -> None:
    async with database.read() as connection:
        await connection.execute(text("SELECT 1"))
        is_read.set()
