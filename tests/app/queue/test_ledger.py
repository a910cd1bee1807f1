"""The ledger: a cap is never passed, and a call waits for those in flight rather than be given up."""

import asyncio

import pytest

from app.queue.ledger import Caps, SqlLedger, Time
from app.store.database import Database
from app.store.spending import Account
from reviewers.models.model import Fault, ModelError
from reviewers.verdict import Usage

CAPS = Caps(run=0.50, pull_request=None, day=None, month=None)


def ledger(database: Database, caps: Caps = CAPS) -> SqlLedger:
    ids = iter(f"call-{number}" for number in range(100))
    return SqlLedger(database, Account("run", 0, 0), caps, "sha", Time(lambda: 1_000_000.0, lambda: next(ids), lambda _: asyncio.sleep(0)))


async def test_a_call_waits_for_those_in_flight_whose_worst_case_leaves_no_room(database: Database) -> None:
    money = ledger(database)
    first = await money.reserve("opinion", "a/one", 0.40)
    second = asyncio.create_task(money.reserve("opinion", "b/two", 0.30))
    done, _ = await asyncio.wait([second], timeout=0.2)
    assert not done
    await money.settle(first, Usage(calls=1, cost_usd=0.10))
    assert (await asyncio.wait_for(second, 10)).usd == 0.30


async def test_what_was_spent_leaves_no_room_and_says_so(database: Database) -> None:
    money = ledger(database)
    await money.settle(await money.reserve("opinion", "a/one", 0.40), Usage(calls=1, cost_usd=0.40))
    with pytest.raises(ModelError, match=r"the call may cost \$0\.20, and \$0\.40 of the run's \$0\.50 is used") as refused:
        await money.reserve("opinion", "b/two", 0.20)
    assert refused.value.fault is Fault.OVER_BUDGET


async def test_a_call_that_could_pass_a_cap_by_itself_is_refused_at_once(database: Database) -> None:
    with pytest.raises(ModelError):
        await ledger(database).reserve("opinion", "a/one", 0.51)
