"""The ledger of one run: money is reserved in SQL before a call, and settled after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.store.database import Database
from app.store.runs import still_wanted
from app.store.spending import Account, Spent, lock_account, reserve, settle, spent
from reviewers.models.model import Fault, ModelError
from reviewers.verdict import Usage


@dataclass(frozen=True)
class Caps:
    """The strictest caps that hold for a run, in US dollars."""

    run: float
    pull_request: float
    day: float
    month: float


class SqlLedger:
    """Reserve and settle the calls of one run at one head; refuses when a cap would be passed or the head is not wanted any more."""

    def __init__(self, database: Database, account: Account, caps: Caps, head_sha: str, clock: Callable[[], float]) -> None:
        self._database = database
        self._account = account
        self._caps = caps
        self._head_sha = head_sha
        self._clock = clock
        self._calls = 0

    async def reserve(self, seat: str, purpose: str, usd: float) -> str:
        """Book `usd` before a call; returns the reservation's id, or raises ModelError(OVER_BUDGET)."""
        now = self._clock()
        self._calls += 1
        entry_id = f"{self._account.run_id}:{seat}:{now:.6f}:{self._calls}"
        async with self._database.write() as connection:
            await lock_account(connection, self._account)
            await still_wanted(connection, self._account.repository_id, self._account.number, self._head_sha)
            have = await spent(connection, self._account, *_starts(now))
            if over := _over(have, self._caps, usd):
                raise ModelError(Fault.OVER_BUDGET, over)
            await reserve(connection, self._account, (entry_id, seat, purpose), usd, now)
        return entry_id

    async def settle(self, reservation: str, usage: Usage) -> None:
        """Book what the call cost."""
        async with self._database.write() as connection:
            await settle(connection, reservation, usage)

    async def left(self) -> str:
        """One clause on what is left of the month's budget."""
        async with self._database.read() as connection:
            have = await spent(connection, self._account, *_starts(self._clock()))
        return f"${max(0.0, self._caps.month - have.month):.2f} of ${self._caps.month:.2f} left this month"


def _over(have: Spent, caps: Caps, usd: float) -> str:
    for name, used, cap in (
        ("run", have.run, caps.run),
        ("pull request", have.pull_request, caps.pull_request),
        ("day", have.day, caps.day),
        ("month", have.month, caps.month),
    ):
        if used + usd > cap:
            return f"the call may cost ${usd:.2f}, and ${used:.2f} of the {name}'s ${cap:.2f} is used"
    return ""


def _starts(now: float) -> tuple[float, float]:
    """The first moments of the day and of the month, UTC."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), day.replace(day=1).timestamp()
