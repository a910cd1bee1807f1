"""Summarizes this whole instance: total costs, caps, and whether paid work is paused."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from app.authorization.daily_command_limit import day_of
from app.configuration.settings import InstanceCaps, Settings
from app.store import instance
from app.store.instance import Instance
from app.store.spending.instance_spending import InstanceSpent, instance_spent

UNDECIDED = "There is no limit for all repositories together: set INSTANCE_DAY_USD and INSTANCE_MONTH_USD to an amount, or to none."


@dataclass(frozen=True)
class InstanceStatus:
    """What was spent, with calls in flight at their worst case. `undecided` if an older instance has no setting for caps."""

    spent: InstanceSpent
    caps: InstanceCaps
    state: Instance
    undecided: bool

    def line(self, moment: float) -> str:
        """What was spent today and this month, in one sentence."""
        month = f"{datetime.fromtimestamp(moment, UTC):%B}"
        return f"{_of(self.spent.day, self.caps.day)} today, {_of(self.spent.month, self.caps.month)} in {month}"


async def read_status(connection: AsyncConnection, settings: Settings, now: float) -> InstanceStatus:
    """Read the whole status."""
    state, day = await instance.read_instance(connection), day_of(now)
    month = datetime.fromtimestamp(day, UTC).replace(day=1).timestamp()
    own = settings.instance_caps
    caps = own.in_force(settings.caps, capped=state.capped)
    spent, _ = await instance_spent(connection, day, month)
    return InstanceStatus(spent, caps, state, undecided=bool(own.unset) and not state.capped)


def _of(usd: float, most: float | None) -> str:
    return f"${usd:,.2f} of ${most:,.2f}" if most is not None else f"${usd:,.2f} (no limit)"
