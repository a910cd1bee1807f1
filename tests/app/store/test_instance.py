"""Settings of a whole instance: default caps, the pause, and costs that outlive the repository that caused them."""

import asyncio
import itertools
from pathlib import Path

import pytest
from sqlalchemy import text

from app.configuration.settings import InstanceCaps, read_settings
from app.errors import Paused
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.store import instance
from app.store.deletion import retention
from app.store.engine.database import Database, open_database, upgrade
from app.store.spending.instance_spending import instance_spent
from app.store.spending.ledger_calls import CostAccount
from reviewers.models.model import CallFault, ModelError
from reviewers.values.verdict import Usage

NOW = 1_800_000_000.0
DAY = NOW // 86_400 * 86_400


def ledger(database: Database, repository_id: int, most: InstanceCaps) -> SqlLedger:
    ids = (f"call-{repository_id}-{number}" for number in itertools.count())
    caps = SpendingCaps(None, None, None, None, 1_000, most, most)

    async def pause(_: float) -> None:
        await asyncio.sleep(0.001)

    return SqlLedger(
        database, CostAccount(f"run-{repository_id}", repository_id, 1), caps, "", LedgerClock(lambda: NOW, lambda: next(ids), pause)
    )


@pytest.mark.parametrize(("used", "capped"), [("", True), ("delivery", False), ("installation", False)])
async def test_a_new_instance_is_capped_and_an_old_one_must_decide(tmp_path: Path, used: str, capped: bool) -> None:
    database = open_database("", tmp_path)
    rows = {
        "delivery": "INSERT INTO delivery VALUES ('g', 'push', '', 1, 'd', 'recorded', 0, 1.0)",
        "installation": "INSERT INTO installation (id, account, suspended, removed, known_since) VALUES (1, 'acme', 0, 0, 1.0)",
    }
    async with database.engine.connect() as connection:
        await connection.run_sync(upgrade, "0012")
        await connection.commit()
    if used:
        async with database.write() as connection:
            await connection.execute(text(rows[used]))
    await database.migrate()
    async with database.read() as connection:
        assert await instance.read_instance(connection) == instance.Instance(capped=capped)
    await database.close()


def test_default_instance_caps_are_ten_times_a_repositorys() -> None:
    given = read_settings({"DAY_USD": "3", "MONTH_USD": "none", "INSTANCE_MONTH_USD": "40"})
    assert given.instance_caps == InstanceCaps(day=None, month=40.0, unset=("day",))
    assert given.instance_caps.in_force(given.caps, capped=True) == InstanceCaps(day=30.0, month=40.0, unset=("day",))
    off = read_settings({"INSTANCE_DAY_USD": "none", "INSTANCE_MONTH_USD": "none"})
    assert given.instance_caps.in_force(given.caps, capped=False) == given.instance_caps
    assert not off.instance_caps.in_force(off.caps, capped=True).any and not off.instance_caps.unset


async def test_all_repositories_stay_under_the_instances_cap(database: Database) -> None:
    """Racing calls of twenty repositories under twenty keys, over as many connections."""
    spent, most = [], InstanceCaps(day=1.0, month=None, unset=())

    async def one(repository_id: int) -> None:
        money = ledger(database, repository_id, most)
        for _ in range(5):
            try:
                reservation = await money.reserve("opinion", f"p{repository_id}/m", 0.09)
            except ModelError as error:
                assert error.fault is CallFault.OVER_BUDGET and "server's day's $1.00" in str(error)
                return
            await asyncio.sleep(0)
            spent.append(0.09)
            await money.settle(reservation, Usage(calls=1, cost_usd=0.09))

    await asyncio.gather(*(one(number) for number in range(1, 21)))
    assert sum(spent) == pytest.approx(0.99)
    async with database.read() as connection:
        reserved, settled = await instance_spent(connection, DAY, DAY)
    assert reserved.day == settled.day == pytest.approx(sum(spent))


async def test_the_costs_of_a_deleted_repository_stay_counted(database: Database) -> None:
    for number in (1, 2):
        money = ledger(database, number, InstanceCaps())
        await money.settle(await money.reserve("opinion", "a/m", 0.5), Usage(calls=1, cost_usd=0.25))
    async with database.write() as connection:
        await retention.forget_repositories(connection, [1, 2])
    async with database.read() as connection:
        (spent, _), left = await instance_spent(connection, DAY, DAY), (await connection.execute(text("SELECT * FROM ledger"))).all()
    assert spent.day == 0.5 and not left


async def test_a_pause_stops_the_next_call(database: Database) -> None:
    money = ledger(database, 1, InstanceCaps())
    first = await money.reserve("opinion", "a/m", 0.5)
    async with database.write() as connection:
        assert await instance.pause_instance(connection, "ada", NOW)
        assert not await instance.pause_instance(connection, "eve", NOW)
    await money.settle(first, Usage(calls=1, cost_usd=0.25))
    money.require_running()
    with pytest.raises(Paused):
        await money.reserve("opinion", "a/m", 0.5)
    with pytest.raises(Paused):
        money.require_running()
    async with database.write() as connection:
        assert await instance.resume_instance(connection, NOW)
    await money.reserve("opinion", "a/m", 0.5)
