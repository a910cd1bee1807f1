"""The spending check of `council doctor`: missing caps are reported, new servers have caps, and a pause is a failure."""

import json
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from app.store import instance
from app.store.engine.database import open_database, upgrade
from tests.app.cli.warm import run_council


async def spending(data: Path, **settings: str) -> tuple[bool, str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(data), "COUNCIL_DATA": str(data), **settings}
    lines = json.loads((await run_council(("doctor", "--json"), environment)).out)
    line = next(line for line in lines if line["what"] == "spending")
    return bool(line["well"]), str(line["said"])


@pytest.mark.parametrize("is_upgraded", [True, False])
async def test_the_spending_line(tmp_path: Path, is_upgraded: bool) -> None:
    database = open_database("", tmp_path, "")
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade, "0012")
        if is_upgraded:
            await connection.execute(text("INSERT INTO delivery VALUES ('g', 'push', '', 1, 'd', 'recorded', 0, 1.0)"))
        await connection.commit()
    await database.migrate()
    ok, said = await spending(tmp_path)
    assert ok and ("set INSTANCE_DAY_USD and INSTANCE_MONTH_USD" in said) is is_upgraded
    assert ("$0.00 (no limit) today" if is_upgraded else "$0.00 of $50.00 today") in said
    if is_upgraded:
        ok, said = await spending(tmp_path, INSTANCE_DAY_USD="7", INSTANCE_MONTH_USD="none")
        assert ok and "$0.00 of $7.00 today" in said and "INSTANCE_DAY_USD" not in said
        async with database.write() as connection:
            await instance.pause_instance(connection, "ada", 1.0)
        ok, said = await spending(tmp_path)
        assert not ok and "paused" in said and "council resume --all" in said
    await database.close()
