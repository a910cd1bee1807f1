"""The view of the Usage page: costs by month and a projection. Change here how the month is projected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.authorization.plan_quota import month_of
from app.store.spending import plans
from app.web.views.home import Money

_DAY = 86_400.0


@dataclass(frozen=True)
class MonthSum:
    """The cost of a month in US dollars; the name is like "Nov 2026"."""

    name: str
    usd: float


@dataclass(frozen=True)
class UsageAccount:
    """An installation's month. `line` says that its plan is used up, or is ""; `repositories` have costs, the highest first."""

    name: str
    plan: plans.AccountPlan
    used: plans.PlanUse
    line: str
    months: tuple[MonthSum, ...]
    repositories: tuple[tuple[str, Money], ...]
    projected: float

    @property
    def most(self) -> float:
        """The highest monthly cost, the scale of the bars."""
        return max((month.usd for month in self.months), default=0.0)


def list_tables(accounts: Sequence[UsageAccount]) -> dict[str, Sequence[tuple[str, ...]]]:
    """The tables by file name, each with its header; an empty cap is no limit."""
    months = [(account.name, month.name, f"{month.usd:.4f}") for account in accounts for month in account.months]
    spent = [one for account in accounts for one in account.repositories]
    money = [(name, f"{one.usd:.4f}", "" if one.cap is None else f"{one.cap:.2f}") for name, one in spent]
    sums = [(account.name, f"{account.used.usd:.4f}", f"{account.projected:.4f}", *_counts(account)) for account in accounts]
    return {
        "months": [("account", "month", "usd"), *months],
        "repositories": [("repository", "usd this month", "cap"), *money],
        "accounts": [("account", "usd this month", "projected", "reviews", "questions"), *sums],
    }


def _counts(account: UsageAccount) -> tuple[str, str]:
    return str(account.used.reviews), str(account.used.questions)


def months_before(now: float, count: int) -> tuple[datetime, ...]:
    """The starts of this month and earlier months, newest first."""
    months = [month_of(now)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return tuple(months)


def project(usd: float, now: float) -> float:
    """The projected cost of the month at the current pace, with at least one day counted as elapsed."""
    begin = month_of(now)
    following = (begin + timedelta(days=32)).replace(day=1)
    elapsed = max(_DAY, now - begin.timestamp())
    return usd * (following.timestamp() - begin.timestamp()) / elapsed


def sum_months(usd: dict[float, float], now: float, count: int) -> tuple[MonthSum, ...]:
    """Daily sums (by start of day) as monthly sums, newest first."""
    totals = {f"{month:%b %Y}": 0.0 for month in months_before(now, count)}
    for day, spent in usd.items():
        name = f"{datetime.fromtimestamp(day, UTC):%b %Y}"
        if name in totals:
            totals[name] += spent
    return tuple(MonthSum(name, spent) for name, spent in totals.items())
