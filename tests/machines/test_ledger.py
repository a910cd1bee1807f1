"""The ledger: for any order of reserving, settling and losing calls, the sums equal those of a handwritten list."""

from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from app.store.spending.ledger_calls import (
    CostAccount,
    PlannedCall,
    Spent,
    book_lost,
    in_flight,
    read_spent,
    reserve_call,
    settle_call,
)
from reviewers.values.verdict import Usage
from tests.machines.database_machine import SETTINGS, DatabaseMachine

DAY = 86_400.0
ACCOUNTS = [CostAccount(run, repository, number) for run, repository, number in (("r1", 1, 1), ("r2", 1, 1), ("r3", 1, 2), ("r4", 2, 1))]
# Exact in binary, so that sums can be compared.
DOLLARS = st.sampled_from([0.0, 0.25, 0.5, 2.0])


@dataclass
class Entry:
    """A call in the model."""

    id: str
    account: CostAccount
    at: float
    reserved: float
    spent: float | None = None


class Ledger(DatabaseMachine):
    """Calls of four runs of two repositories."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []

    @rule(account=st.sampled_from(ACCOUNTS), usd=DOLLARS)
    def reserve(self, account: CostAccount, usd: float) -> None:
        entry = Entry(self.new_id(), account, self.now, usd)

        async def work() -> None:
            async with self.database.write() as connection:
                await reserve_call(connection, account, PlannedCall(entry.id, "opinion", "openai", "openai/gpt-5.5"), usd, self.now)

        self.run(work())
        self.entries.append(entry)

    @precondition(lambda self: any(entry.spent is None for entry in self.entries))
    @rule(data=st.data(), cost=st.none() | DOLLARS)
    def settle(self, data: st.DataObject, cost: float | None) -> None:
        entry = data.draw(st.sampled_from([entry for entry in self.entries if entry.spent is None]))

        async def work() -> None:
            async with self.database.write() as connection:
                await settle_call(connection, entry.id, Usage(calls=1, cost_usd=cost), "", self.now)

        self.run(work())
        entry.spent = entry.reserved if cost is None else cost

    @rule(account=st.sampled_from(ACCOUNTS))
    def die(self, account: CostAccount) -> None:
        async def work() -> None:
            async with self.database.write() as connection:
                await book_lost(connection, account.run_id, self.now)

        self.run(work())
        for entry in self.entries:
            if entry.account.run_id == account.run_id and entry.spent is None:
                entry.spent = entry.reserved

    @rule(days=st.sampled_from([0.1, 1.0, 20.0]))
    def pass_time(self, days: float) -> None:
        self.now += days * DAY

    @invariant()
    def sums_are_right(self) -> None:
        day, month = self.now - DAY, self.now - 30 * DAY

        async def work() -> tuple[list[tuple[Spent, Spent]], int]:
            async with self.database.read() as connection:
                return [await read_spent(connection, account, day, month) for account in ACCOUNTS], await in_flight(
                    connection, "openai", 0.0
                )

        found, calls = self.run(work())
        assert calls == sum(entry.spent is None for entry in self.entries)
        assert found == [(self._sums(account, day, month, open_too=True), self._sums(account, day, month)) for account in ACCOUNTS]

    def _sums(self, account: CostAccount, day: float, month: float, *, open_too: bool = False) -> Spent:
        own = [entry for entry in self.entries if entry.account.repository_id == account.repository_id]

        def total(*entries: Entry) -> float:
            return sum(entry.spent if entry.spent is not None else entry.reserved * open_too for entry in entries)

        return Spent(
            run=total(*(entry for entry in own if entry.account.run_id == account.run_id)),
            pull_request=total(*(entry for entry in own if entry.account.number == account.number)),
            day=total(*(entry for entry in own if entry.at >= day)),
            month=total(*(entry for entry in own if entry.at >= month)),
        )


@pytest.mark.slow
class TestLedger(Ledger.TestCase):  # type: ignore[name-defined,misc]
    settings = SETTINGS
