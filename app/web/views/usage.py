"""Usage: what an account spent by month and what the month will come to. Change here how it is projected."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.services.quota import month_of
from app.store import plans
from app.web.views.home import Money

_DAY = 86_400.0


@dataclass(frozen=True)
class MonthSum:
    """US dollars of a month, named "Nov 2026"."""

    name: str
    usd: float


@dataclass(frozen=True)
class UsageAccount:
    """An installation's month; `line` says that its plan is used up, or is "". `repositories` are those that spent, the dearest first."""

    name: str
    plan: plans.Plan
    used: plans.Used
    line: str
    months: tuple[MonthSum, ...]
    repositories: tuple[tuple[str, Money], ...]
    projected: float

    @property
    def most(self) -> float:
        """The dearest month, for bars of its share."""
        return max((month.usd for month in self.months), default=0.0)


def list_tables(accounts: Sequence[UsageAccount]) -> dict[str, Sequence[tuple[str, ...]]]:
    """The tables of the page by the names of their files, each with its header; an empty cap is no limit."""
    months = [(each.name, month.name, f"{month.usd:.4f}") for each in accounts for month in each.months]
    spent = [one for each in accounts for one in each.repositories]
    money = [(name, f"{one.usd:.4f}", "" if one.cap is None else f"{one.cap:.2f}") for name, one in spent]
    sums = [(each.name, f"{each.used.usd:.4f}", f"{each.projected:.4f}", *_counts(each)) for each in accounts]
    return {
        "months": [("account", "month", "usd"), *months],
        "repositories": [("repository", "usd this month", "cap"), *money],
        "accounts": [("account", "usd this month", "projected", "reviews", "questions"), *sums],
    }


def _counts(account: UsageAccount) -> tuple[str, str]:
    return str(account.used.reviews), str(account.used.questions)


def months_before(now: float, count: int) -> tuple[datetime, ...]:
    """The first moments of this month and of those before it, the newest first."""
    months = [month_of(now)]
    while len(months) < count:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return tuple(months)


def project(usd: float, now: float) -> float:
    """What this month comes to if it goes on as it began; a day's worth at least is taken as gone."""
    begin = month_of(now)
    following = (begin + timedelta(days=32)).replace(day=1)
    elapsed = max(_DAY, now - begin.timestamp())
    return usd * (following.timestamp() - begin.timestamp()) / elapsed


def sum_months(usd: dict[float, float], now: float, count: int) -> tuple[MonthSum, ...]:
    """Sums of days, by their first moments, as sums of months, the newest first."""
    totals = {f"{month:%b %Y}": 0.0 for month in months_before(now, count)}
    for day, spent in usd.items():
        name = f"{datetime.fromtimestamp(day, UTC):%b %Y}"
        if name in totals:
            totals[name] += spent
    return tuple(MonthSum(name, spent) for name, spent in totals.items())
