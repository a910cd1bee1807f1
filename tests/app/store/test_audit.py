"""The complete check of the audit log's chain, on SQLite and on PostgreSQL."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.store.engine.database import Database, open_database
from app.store.security import audit
from app.store.security.audit import Event, Verified
from tests.app.cli.test_commands import council

MANY = 1_003


async def fill(database: Database, many: int) -> None:
    async with database.write() as connection:
        for number in range(many):
            await audit.record_event(connection, Event(float(number), "ada", "::1", "tried", str(number), "é"))


async def verified(database: Database) -> Verified:
    async with database.read() as connection:
        return await audit.verify_log(connection)


async def test_v16_4_2_the_whole_chain_is_checked(database: Database) -> None:
    assert await verified(database) == Verified(0)
    await fill(database, MANY)
    assert await verified(database) == Verified(MANY)


@pytest.mark.parametrize(
    ("tampering", "found"),
    [
        ("UPDATE audit SET login = 'eve' WHERE id = 3", Verified(2, 3)),
        ("UPDATE audit SET digest = 'x' WHERE id = 1", Verified(0, 1)),
        ("DELETE FROM audit WHERE id = 4", Verified(3, 4, missing=True)),
        ("DELETE FROM audit WHERE id = 1", Verified(0, 1, missing=True)),
        ("UPDATE audit SET id = 99 WHERE id = 5", Verified(4, 5, missing=True)),
    ],
)
async def test_v16_4_2_the_first_broken_event_is_named(database: Database, tampering: str, found: Verified) -> None:
    await fill(database, 5)
    async with database.write() as connection:
        await connection.execute(text(tampering))
    assert await verified(database) == found


async def test_the_command_reports_it_and_exits_with_one(tmp_path: Path) -> None:
    database = open_database("", tmp_path)
    await database.migrate()
    await fill(database, 2)
    assert await council("audit", "verify", env={"COUNCIL_DATA": str(tmp_path)}) == (0, "The audit log is intact: 2 events.\n", "")
    async with database.write() as connection:
        await connection.execute(text("UPDATE audit SET detail = '' WHERE id = 2"))
    await database.close()
    told = await council("audit", "verify", "--json", env={"COUNCIL_DATA": str(tmp_path)})
    assert told[:2] == (1, '{"events": 1, "broken": 2, "missing": false}\n')
    code, out, _ = await council("audit", "verify", env={"COUNCIL_DATA": str(tmp_path)})
    assert (code, out) == (1, "The audit log is broken: event 2 was changed; the 1 before it are intact.\n")
