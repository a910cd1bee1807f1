"""The ledger of one run: money is reserved in SQL before a call, and settled after it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.configuration.repository_config import LimitsConfig
from app.configuration.settings import InstanceCaps, Settings
from app.errors import Paused
from app.store import instance
from app.store.engine.database import Database
from app.store.reviews.runs import still_wanted
from app.store.spending.instance_spending import InstanceSpent, instance_spent, lock_instance
from app.store.spending.ledger_calls import (
    CostAccount,
    PlannedCall,
    Spent,
    in_flight,
    lock_account,
    lock_provider,
    read_spent,
    reserve_call,
    settle_call,
    usual_seconds,
)
from reviewers.models.model import CallFault, ModelError
from reviewers.models.vendors import provider
from reviewers.models.wrappers import Reservation
from reviewers.values.verdict import Usage

# Calls older than the longest run are orphaned.
_LONGEST_CALL = 300.0
_LATELY = 14 * 86_400.0


@dataclass(frozen=True)
class SpendingCaps:
    """The strictest caps of a run, in US dollars, None for no cap, and how many concurrent calls a provider allows.

    `instance` is for all repositories together. `by_default` if nobody set it and the instance started with such caps.
    """

    run: float | None
    pull_request: float | None
    day: float | None
    month: float | None
    calls_at_once: int = 16
    instance: InstanceCaps = field(default_factory=InstanceCaps)
    by_default: InstanceCaps = field(default_factory=InstanceCaps)

    @classmethod
    def under(cls, limits: LimitsConfig, settings: Settings) -> "SpendingCaps":
        """The caps from a repository's limits on this server."""
        own, default = settings.instance_caps, settings.instance_caps.in_force(settings.caps, capped=True)
        return cls(limits.run_usd, limits.pull_request_usd, limits.day_usd, limits.month_usd, settings.provider_calls, own, default)

    def of_instance(self, *, capped: bool) -> InstanceCaps:
        """The caps of the instance that apply."""
        return self.by_default if capped else self.instance


@dataclass(frozen=True)
class Cap:
    """One cap, in US dollars, how much of it is used, and who can raise it."""

    name: str
    used: float
    most: float | None
    raised_by: str

    @property
    def left(self) -> float:
        """What may still be spent under it."""
        return float("inf") if self.most is None else max(0.0, self.most - self.used)

    def __str__(self) -> str:
        return f"${self.used:.2f} of the {self.name}'s ${self.most or 0.0:.2f} is used; {self.raised_by}"


@dataclass(frozen=True)
class MonthBudget:
    """What a repository spent this month, and its cap or None, in US dollars."""

    used: float
    cap: float | None

    def __str__(self) -> str:
        """One clause on what is left."""
        if self.cap is None:
            return f"${self.used:.2f} spent this month"
        alert = ", more than 80 % is used" if self.is_near_cap else ""
        return f"${max(0.0, self.cap - self.used):.2f} of ${self.cap:.2f} left this month{alert}"

    @property
    def is_near_cap(self) -> bool:
        """Whether people are warned."""
        return self.cap is not None and self.used >= NEAR_CAP * self.cap > 0

    @property
    def warning(self) -> str:
        """A sentence from 80 % of the cap on, or ""."""
        if not self.is_near_cap or self.cap is None:
            return ""
        used = f"${self.used:.2f} of ${self.cap:.2f}"
        if self.used >= self.cap:
            return f"The budget of this repository for this month is used up ({used}). An admin can raise it in the settings."
        return f"More than 80 % of this month's budget is used ({used}). At the limit, reviews stop; an admin can raise it in the settings."


@dataclass(frozen=True)
class LedgerClock:
    """The clock, the source of ids, and the sleep function."""

    clock: Callable[[], float]
    new_id: Callable[[], str]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class SqlLedger:
    """Reserves and settles the calls of one run at one head. Refuses if a cap would be exceeded or the head is outdated.

    A question has no head: `head_sha` is "".
    """

    def __init__(self, database: Database, account: CostAccount, caps: SpendingCaps, head_sha: str, time: LedgerClock) -> None:
        self._database = database
        self.account = account
        self._caps = caps
        self._head_sha = head_sha
        self._time = time
        self._paused = False

    def require_running(self) -> None:
        """Raise Paused if a call of this run was refused because paid work is paused. Its seats did not fail."""
        if self._paused:
            raise Paused

    async def reserve(self, purpose: str, model: str, usd: float) -> Reservation:
        """Book `usd` before a call, or raise ModelError(OVER_BUDGET) or Paused.

        Wait until the seat's own deadline for a busy provider, and for calls in flight whose worst case uses up the cap: most cost a third
        of it.
        """
        call = PlannedCall(self._time.new_id(), purpose, provider(model) or model, model)
        while not await self._book(call, usd):
            await self._time.sleep(0.5)
        return Reservation(id=call.id, usd=usd)

    async def _book(self, call: PlannedCall, usd: float) -> bool:
        now = self._time.clock()
        async with self._database.write() as connection:
            await lock_provider(connection, call.provider)
            if await in_flight(connection, call.provider, now - _LONGEST_CALL) >= self._caps.calls_at_once:
                return False
            await lock_account(connection, self.account)
            if self._head_sha:
                await still_wanted(connection, self.account.repository_id, self.account.number, self._head_sha)
            found = await instance.read_instance(connection)
            if found.paused:
                self._paused = True
                raise Paused
            most = self._caps.of_instance(capped=found.capped)
            if most.any:
                await lock_instance(connection)
            reserved, settled = await self._spent(connection, most, now)
            if over := _over(settled, usd):
                raise ModelError(CallFault.OVER_BUDGET, over)
            if _over(reserved, usd):
                return False
            await reserve_call(connection, self.account, call, usd, now)
        return True

    async def _spent(self, connection: AsyncConnection, most: InstanceCaps, now: float) -> tuple[list[Cap], list[Cap]]:
        """Every cap with what was spent under it, with and without the reservations of calls in flight."""
        starts = _starts(now)
        reserved, settled = await read_spent(connection, self.account, *starts)
        if not most.any:
            return _under(reserved, self._caps), _under(settled, self._caps)
        all_reserved, all_settled = await instance_spent(connection, *starts)
        return (
            [*_under(reserved, self._caps), *_under_instance(all_reserved, most)],
            [*_under(settled, self._caps), *_under_instance(all_settled, most)],
        )

    async def settle(self, reservation: Reservation, usage: Usage, fault: CallFault | None = None) -> None:
        """Book what the call cost, and why it failed."""
        async with self._database.write() as connection:
            await settle_call(connection, reservation.id, usage, fault.value if fault else "", self._time.clock())

    async def room(self) -> float | None:
        """What may still be spent under the tightest cap, in US dollars. None without any cap."""
        return None if (cap := await self.tightest()) is None else cap.left

    async def tightest(self) -> Cap | None:
        """The cap that leaves least."""
        async with self._database.read() as connection:
            most = self._caps.of_instance(capped=(await instance.read_instance(connection)).capped)
            reserved, _ = await self._spent(connection, most, self._time.clock())
        return min((cap for cap in reserved if cap.most is not None), key=lambda cap: cap.left, default=None)

    async def usual_seconds(self) -> dict[str, float]:
        """How long each model took recently, in any repository."""
        async with self._database.read() as connection:
            return await usual_seconds(connection, self._time.clock() - _LATELY)

    async def month(self) -> "MonthBudget":
        """What is left of the month's budget."""
        async with self._database.read() as connection:
            have, _ = await read_spent(connection, self.account, *_starts(self._time.clock()))
        return MonthBudget(have.month, self._caps.month)


# The part of a cap from which people are warned.
NEAR_CAP = 0.8


def _over(caps: list[Cap], usd: float) -> str:
    for cap in caps:
        if cap.most is not None and cap.used + usd > cap.most:
            return f"the call may cost ${usd:.2f}, and {cap}"
    return ""


def _under(have: Spent, caps: SpendingCaps) -> list[Cap]:
    by = "people with admin access can raise `limits.{0}_usd` up to the server's `{1}_USD`"
    return [
        Cap(name.replace("_", " "), used, most, by.format(name, name.upper()))
        for name, used, most in (
            ("run", have.run, caps.run),
            ("pull_request", have.pull_request, caps.pull_request),
            ("day", have.day, caps.day),
            ("month", have.month, caps.month),
        )
    ]


def _under_instance(have: InstanceSpent, caps: InstanceCaps) -> list[Cap]:
    by = "an admin of the server can raise `INSTANCE_{0}_USD`"
    return [
        Cap("server's day", have.day, caps.day, by.format("DAY")),
        Cap("server's month", have.month, caps.month, by.format("MONTH")),
    ]


def _starts(now: float) -> tuple[float, float]:
    """The first moments of the day and of the month, UTC."""
    day = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.timestamp(), day.replace(day=1).timestamp()
