"""The ledger of one run: money is reserved in SQL before a call, and settled after it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from app.github.repository_config import Limits
from app.store.database import Database
from app.store.runs import still_wanted
from app.store.spending import Account, Call, Spent, in_flight, lock_account, lock_provider, reserve, settle, spent, usual_seconds
from reviewers.models.model import Fault, ModelError
from reviewers.models.vendors import provider
from reviewers.models.wrappers import Reservation
from reviewers.verdict import Usage

# A call that is older than a whole run may take is nobody's any more.
_LONGEST_CALL = 300.0
_LATELY = 14 * 86_400.0


@dataclass(frozen=True)
class Caps:
    """The strictest caps that hold for a run, in US dollars, None for no cap; and how many calls a provider answers at once."""

    run: float | None
    pull_request: float | None
    day: float | None
    month: float | None
    calls_at_once: int = 16

    @classmethod
    def under(cls, limits: Limits, calls_at_once: int) -> "Caps":
        """Those of a repository's limits."""
        return cls(limits.run_usd, limits.pull_request_usd, limits.day_usd, limits.month_usd, calls_at_once)


@dataclass(frozen=True)
class Time:
    """The clock, where ids come from, and how one waits."""

    clock: Callable[[], float]
    new_id: Callable[[], str]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class SqlLedger:
    """Reserve and settle the calls of one run at one head; refuses when a cap would be passed or the head is not wanted any more.

    A question has no head: `head_sha` is "".
    """

    def __init__(self, database: Database, account: Account, caps: Caps, head_sha: str, time: Time) -> None:
        self._database = database
        self._account = account
        self._caps = caps
        self._head_sha = head_sha
        self._time = time

    async def reserve(self, purpose: str, model: str, usd: float) -> Reservation:
        """Book `usd` before a call, or raise ModelError(OVER_BUDGET).

        A busy provider is waited for until the seat's own deadline, and so are calls in flight whose worst case leaves no room:
        most cost a third of it.
        """
        call = Call(self._time.new_id(), purpose, provider(model) or model, model)
        while not await self._book(call, usd):
            await self._time.sleep(0.5)
        return Reservation(id=call.id, usd=usd)

    async def _book(self, call: Call, usd: float) -> bool:
        now = self._time.clock()
        async with self._database.write() as connection:
            await lock_provider(connection, call.provider)
            if await in_flight(connection, call.provider, now - _LONGEST_CALL) >= self._caps.calls_at_once:
                return False
            await lock_account(connection, self._account)
            if self._head_sha:
                await still_wanted(connection, self._account.repository_id, self._account.number, self._head_sha)
            reserved, settled = await spent(connection, self._account, *_starts(now))
            if over := _over(settled, self._caps, usd):
                raise ModelError(Fault.OVER_BUDGET, over)
            if _over(reserved, self._caps, usd):
                return False
            await reserve(connection, self._account, call, usd, now)
        return True

    async def settle(self, reservation: Reservation, usage: Usage, fault: Fault | None = None) -> None:
        """Book what the call cost, and why it failed."""
        async with self._database.write() as connection:
            await settle(connection, reservation.id, usage, fault.value if fault else "", self._time.clock())

    async def room(self) -> float | None:
        """What may still be spent under the tightest cap, in US dollars; None without any cap."""
        async with self._database.read() as connection:
            have, _ = await spent(connection, self._account, *_starts(self._time.clock()))
        return min((max(0.0, cap - used) for _, used, cap in _under(have, self._caps) if cap is not None), default=None)

    async def usual_seconds(self) -> dict[str, float]:
        """How long each model took lately, in any repository."""
        async with self._database.read() as connection:
            return await usual_seconds(connection, self._time.clock() - _LATELY)

    async def left(self) -> str:
        """One clause on what is left of the month's budget."""
        async with self._database.read() as connection:
            have, _ = await spent(connection, self._account, *_starts(self._time.clock()))
        if self._caps.month is None:
            return f"${have.month:.2f} spent this month"
        return f"${max(0.0, self._caps.month - have.month):.2f} of ${self._caps.month:.2f} left this month"


def _over(have: Spent, caps: Caps, usd: float) -> str:
    for name, used, cap in _under(have, caps):
        if cap is not None and used + usd > cap:
            return f"the call may cost ${usd:.2f}, and ${used:.2f} of the {name}'s ${cap:.2f} is used"
    return ""


def _under(have: Spent, caps: Caps) -> tuple[tuple[str, float, float | None], ...]:
    return (
        ("run", have.run, caps.run),
        ("pull request", have.pull_request, caps.pull_request),
        ("day", have.day, caps.day),
        ("month", have.month, caps.month),
    )


def _starts(now: float) -> tuple[float, float]:
    """The first moments of the day and of the month, UTC."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), day.replace(day=1).timestamp()
