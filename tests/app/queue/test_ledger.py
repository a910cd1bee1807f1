"""The ledger: a cap is never exceeded, and a call waits for those in flight rather than fail."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app.configuration.settings import InstanceCaps
from app.errors import Superseded
from app.queue.ledger import LedgerClock, SpendingCaps, SqlLedger
from app.store.engine.database import Database
from app.store.reviews.runs import set_wanted_head
from app.store.spending.ledger_calls import CostAccount
from reviewers.models.model import CallFault, ModelError
from reviewers.values.verdict import Usage

CAPS = SpendingCaps(run=0.50, pull_request=None, day=None, month=None)


def ledger(database: Database, caps: SpendingCaps = CAPS) -> SqlLedger:
    ids = iter(f"call-{number}" for number in range(100))
    return SqlLedger(
        database, CostAccount("run", 0, 0), caps, "sha", LedgerClock(lambda: 1_000_000.0, lambda: next(ids), lambda _: asyncio.sleep(0))
    )


async def test_a_call_waits_for_calls_in_flight(database: Database) -> None:
    """Their worst case uses up the cap."""
    money = ledger(database)
    first = await money.reserve("opinion", "a/one", 0.40)
    second = asyncio.create_task(money.reserve("opinion", "b/two", 0.30))
    done, _ = await asyncio.wait([second], timeout=0.2)
    assert not done
    await money.settle(first, Usage(calls=1, cost_usd=0.10))
    assert (await asyncio.wait_for(second, 10)).usd == 0.30


async def test_a_used_up_cap_refuses_a_call_with_the_reason(database: Database) -> None:
    money = ledger(database)
    await money.settle(await money.reserve("opinion", "a/one", 0.40), Usage(calls=1, cost_usd=0.40))
    with pytest.raises(ModelError, match=r"the call may cost \$0\.20, and \$0\.40 of the run's \$0\.50 is used") as refused:
        await money.reserve("opinion", "b/two", 0.20)
    assert refused.value.fault is CallFault.OVER_BUDGET


async def test_a_call_larger_than_the_cap_is_refused_at_once(database: Database) -> None:
    with pytest.raises(ModelError):
        await ledger(database).reserve("opinion", "a/one", 0.51)


NOW = datetime(2026, 11, 15, 12, 0, tzinfo=UTC).timestamp()
NO_CAPS = SpendingCaps(run=None, pull_request=None, day=None, month=None)


async def _spend(database: Database, account: CostAccount, at: float, usd: float = 0.9) -> None:
    ids = iter([f"{account}-{at}"])
    money = SqlLedger(database, account, NO_CAPS, "", LedgerClock(lambda: at, lambda: next(ids)))
    await money.settle(await money.reserve("opinion", "a/one", usd), Usage(calls=1, cost_usd=usd))


@pytest.mark.parametrize(
    ("cap", "spender", "at", "refused"),
    [
        ("run", CostAccount("r1", 7, 1), NOW, True),
        ("run", CostAccount("r2", 7, 1), NOW, False),
        ("pull_request", CostAccount("r2", 7, 1), NOW, True),
        ("pull_request", CostAccount("r2", 7, 2), NOW, False),
        ("day", CostAccount("r2", 7, 2), NOW, True),
        ("day", CostAccount("r2", 8, 1), NOW, False),
        # The day and the month begin at midnight UTC.
        ("day", CostAccount("r2", 7, 2), NOW - 12 * 3600, True),
        ("day", CostAccount("r2", 7, 2), NOW - 12 * 3600 - 1, False),
        ("month", CostAccount("r2", 7, 2), NOW - 12 * 3600 - 1, True),
        ("month", CostAccount("r2", 7, 2), NOW - 20 * 86_400, False),
    ],
)
async def test_each_cap_counts_its_own_scope(database: Database, cap: str, spender: CostAccount, at: float, refused: bool) -> None:
    await _spend(database, spender, at)
    money = SqlLedger(database, CostAccount("r1", 7, 1), replace(NO_CAPS, **{cap: 1.0}), "", LedgerClock(lambda: NOW, lambda: "call"))  # type: ignore[arg-type]
    if refused:
        with pytest.raises(ModelError, match=f"of the {cap.replace('_', ' ')}'s"):
            await money.reserve("opinion", "a/one", 0.2)
    else:
        assert (await money.reserve("opinion", "a/one", 0.2)).usd == 0.2


async def test_the_servers_cap_counts_every_repository(database: Database) -> None:
    await _spend(database, CostAccount("r2", 8, 2), NOW)
    most = InstanceCaps(day=1.0, unset=())
    caps = replace(NO_CAPS, instance=most, by_default=most)
    money = SqlLedger(database, CostAccount("r1", 7, 1), caps, "", LedgerClock(lambda: NOW, lambda: "call"))
    with pytest.raises(ModelError, match="is used"):
        await asyncio.wait_for(money.reserve("opinion", "a/one", 0.2), 10)


async def test_the_remaining_budget_is_the_tightest_caps(database: Database) -> None:
    await _spend(database, CostAccount("r1", 7, 1), NOW, 0.5)
    caps = SpendingCaps(run=2.0, pull_request=0.75, day=5.0, month=None)
    assert await SqlLedger(database, CostAccount("r1", 7, 1), caps, "", LedgerClock(lambda: NOW, lambda: "call")).room() == 0.25
    assert await SqlLedger(database, CostAccount("r1", 7, 1), NO_CAPS, "", LedgerClock(lambda: NOW, lambda: "call")).room() is None


async def test_a_providers_concurrent_calls_are_limited(database: Database) -> None:
    money = ledger(database, replace(NO_CAPS, calls_at_once=2))
    first, _ = [await money.reserve("opinion", "a/one", 0.1) for _ in range(2)]
    third = asyncio.create_task(money.reserve("opinion", "a/two", 0.1))
    assert (await money.reserve("opinion", "b/three", 0.1)).usd == 0.1
    assert not (await asyncio.wait([third], timeout=0.2))[0]
    await money.settle(first, Usage(calls=1, cost_usd=0.1))
    await asyncio.wait_for(third, 10)


async def test_calls_of_a_dead_process_do_not_count_forever(database: Database) -> None:
    ids = iter(["dead", "alive"])
    caps = replace(NO_CAPS, calls_at_once=1)
    await SqlLedger(database, CostAccount("r1", 7, 1), caps, "", LedgerClock(lambda: NOW - 301, lambda: next(ids))).reserve(
        "opinion", "a/one", 0.1
    )
    money = SqlLedger(database, CostAccount("r2", 7, 1), caps, "", LedgerClock(lambda: NOW, lambda: next(ids), lambda _: asyncio.sleep(0)))
    assert (await asyncio.wait_for(money.reserve("opinion", "a/one", 0.1), 10)).usd == 0.1


async def test_no_call_is_made_for_an_outdated_head(database: Database) -> None:
    async with database.write() as connection:
        await set_wanted_head(connection, 7, 1, "b" * 40)
    money = SqlLedger(database, CostAccount("r1", 7, 1), NO_CAPS, "a" * 40, LedgerClock(lambda: NOW, lambda: "call"))
    with pytest.raises(Superseded):
        await money.reserve("opinion", "a/one", 0.1)
