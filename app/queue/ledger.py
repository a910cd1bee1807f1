"""The ledger of one run: money is reserved in SQL before a call, and settled after it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.store.database import Database
from app.store.runs import still_wanted
from app.store.spending import Account, Spent, lock_account, reserve, settle, spent
from reviewers.models.model import Fault, ModelError
from reviewers.models.wrappers import Reservation
from reviewers.verdict import Usage

Time = tuple[Callable[[], float], Callable[[], str]]


@dataclass(frozen=True)
class Caps:
    """The strictest caps that hold for a run, in US dollars; None is no cap."""

    run: float | None
    pull_request: float | None
    day: float | None
    month: float | None


class SqlLedger:
    """Reserve and settle the calls of one run at one head; refuses when a cap would be passed or the head is not wanted any more."""

    def __init__(self, database: Database, account: Account, caps: Caps, head_sha: str, time: Time) -> None:
        self._database = database
        self._account = account
        self._caps = caps
        self._head_sha = head_sha
        self._clock, self._new_id = time

    async def reserve(self, purpose: str, usd: float) -> Reservation:
        """Book `usd` before a call, or raise ModelError(OVER_BUDGET)."""
        now = self._clock()
        entry_id = self._new_id()
        async with self._database.write() as connection:
            await lock_account(connection, self._account)
            await still_wanted(connection, self._account.repository_id, self._account.number, self._head_sha)
            have = await spent(connection, self._account, *_starts(now))
            if over := _over(have, self._caps, usd):
                raise ModelError(Fault.OVER_BUDGET, over)
            await reserve(connection, self._account, (entry_id, purpose), usd, now)
        return Reservation(id=entry_id, usd=usd)

    async def settle(self, reservation: Reservation, usage: Usage) -> None:
        """Book what the call cost."""
        async with self._database.write() as connection:
            await settle(connection, reservation.id, usage)

    async def left(self) -> str:
        """One clause on what is left of the month's budget."""
        async with self._database.read() as connection:
            have = await spent(connection, self._account, *_starts(self._clock()))
        if self._caps.month is None:
            return f"${have.month:.2f} spent this month"
        return f"${max(0.0, self._caps.month - have.month):.2f} of ${self._caps.month:.2f} left this month"


def _over(have: Spent, caps: Caps, usd: float) -> str:
    for name, used, cap in (
        ("run", have.run, caps.run),
        ("pull request", have.pull_request, caps.pull_request),
        ("day", have.day, caps.day),
        ("month", have.month, caps.month),
    ):
        if cap is not None and used + usd > cap:
            return f"the call may cost ${usd:.2f}, and ${used:.2f} of the {name}'s ${cap:.2f} is used"
    return ""


def _starts(now: float) -> tuple[float, float]:
    """The first moments of the day and of the month, UTC."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), day.replace(day=1).timestamp()
