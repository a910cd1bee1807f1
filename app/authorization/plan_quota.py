"""Checks whether an account's plan allows another consultation this month."""

from datetime import UTC, datetime, timedelta

from app.store.engine.database import Database
from app.store.spending import plans


def month_of(now: float) -> datetime:
    """The first moment of a time's month, UTC."""
    return datetime.fromtimestamp(now, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


async def used_up(database: Database, installation_id: int, now: float, besides: str = "") -> str:
    """One line for an account whose plan is used up, or "". `besides` is the run or consultation that requests it."""
    month = month_of(now)
    async with database.read() as connection:
        plan = await plans.plan_of(connection, installation_id)
        if plan.most is None:
            return ""
        used = await plans.count_used(connection, installation_id, month.timestamp(), besides)
    return used_up_line(plan, used, now)


def used_up_line(plan: plans.AccountPlan, used: plans.PlanUse, now: float) -> str:
    """The same, from the account's known counts of the month."""
    if plan.most is None or used.consultations < plan.most:
        return ""
    month = month_of(now)
    following = (month + timedelta(days=32)).strftime("%B")
    return (
        f"The {plan.name} plan is used up for {month:%B}: {plan.most:,} of {plan.most:,} reviews and questions. "
        f"It resets in {following}; a larger plan takes effect immediately."
    )
