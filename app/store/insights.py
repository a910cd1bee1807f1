"""Counts what a repository's council did in a period, for charts."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import insight_queries
from app.store.reviews.run_groups import GroupCosts, RunCost, cost_by_group
from app.store.spending.daily_spending import DAY, usd_by_model
from app.store.spending.daily_work import work_since
from reviewers.values.verdict import ProposalStanding


@dataclass(frozen=True)
class InsightsPeriod:
    """Repositories and a period of `days` days that ends with the day of `until`. Times are UTC."""

    repository_ids: tuple[int, ...]
    until: float
    days: int

    @property
    def since(self) -> float:
        """The first moment."""
        return (self.until // DAY - self.days + 1) * DAY


@dataclass(frozen=True)
class Ratio:
    """A part of a total."""

    name: str
    part: int
    whole: int


@dataclass(frozen=True)
class AcceptedFindings:
    """How many findings people accepted (fixed, resolved or 👍), of those they reacted to, by seat and category."""

    seats: tuple[Ratio, ...] = ()
    categories: tuple[Ratio, ...] = ()
    findings: Ratio = Ratio("findings", 0, 0)


@dataclass(frozen=True)
class Insights:
    """`reviews` and `consultations` are by day. `seconds` to the first sign and to the answer, sorted."""

    reviews: tuple[int, ...]
    consultations: tuple[int, ...]
    ended: dict[str, int]
    usd: dict[str, float]
    seats: tuple[Ratio, ...]
    categories: tuple[Ratio, ...]
    consensus: Ratio
    helpful: Ratio
    first_sign: tuple[float, ...]
    answer: tuple[float, ...]
    accepted: AcceptedFindings = AcceptedFindings()
    causes: tuple[Ratio, ...] = ()
    groups: GroupCosts = field(default_factory=GroupCosts)
    repositories: Mapping[int, float] = field(default_factory=dict)


async def read_insights(connection: AsyncConnection, spell: InsightsPeriod) -> Insights:
    """Count the insights."""
    seats, categories, consensus = await _findings(connection, spell)
    first_sign, answer, costs = await _runs(connection, spell)
    usd, repositories = await _usd(connection, spell)
    work = await work_since(connection, spell.since, spell.until, spell.repository_ids)
    return Insights(
        reviews=tuple(each.runs for each in work),
        consultations=tuple(each.questions for each in work),
        ended=await _ended(connection, spell),
        usd=usd,
        seats=seats,
        categories=categories,
        consensus=consensus,
        helpful=await _helpful(connection, spell),
        first_sign=first_sign,
        answer=answer,
        accepted=await _accepted(connection, spell),
        causes=await _causes(connection, spell),
        groups=cost_by_group(costs, await _read(connection, insight_queries.query_groups, spell)),
        repositories=repositories,
    )


async def _read(connection: AsyncConnection, build: Callable[[int], Select[Any]], spell: InsightsPeriod) -> Sequence[Row[Any]]:
    values = insight_queries.list_values(spell.repository_ids, spell.since, spell.until)
    rows: Sequence[Row[Any]] = (await connection.execute(build(insight_queries.count_separate(spell.repository_ids)), values)).all()
    return rows


async def _ended(connection: AsyncConnection, spell: InsightsPeriod) -> dict[str, int]:
    """How the newest runs ended."""
    return {row.state: row.n for row in await _read(connection, insight_queries.query_ended, spell)}


async def _usd(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[dict[str, float], dict[int, float]]:
    """The costs, by model and by repository."""
    models: dict[str, float] = defaultdict(float)
    repositories: dict[int, float] = defaultdict(float)
    for (repository_id, model), usd in (await usd_by_model(connection, spell.since, spell.repository_ids)).items():
        models[model or "unknown"] += usd
        repositories[repository_id] += usd
    return dict(models), dict(repositories)


async def _findings(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[tuple[Ratio, ...], tuple[Ratio, ...], Ratio]:
    """How many findings of each seat and category the council recommended, and on how many two seats agreed."""
    rows = await _read(connection, insight_queries.query_findings, spell)
    seats, categories = _Tally(), _Tally()
    together = 0
    for row in rows:
        kept, names = row.n if row.standing == ProposalStanding.RECOMMENDED else 0, [name for name in row.raised_by.split(",") if name]
        for name in names:
            seats.add(name, kept, row.n)
        categories.add(row.category, kept, row.n)
        together += row.n if len(names) > 1 or row.agreed else 0
    return seats.shares(), categories.shares(), Ratio("findings", together, sum(row.n for row in rows))


async def _accepted(connection: AsyncConnection, spell: InsightsPeriod) -> AcceptedFindings:
    """What people did with findings. Withdrawals by the seats themselves do not count. The latest sign of a finding wins."""
    rows = await _read(connection, insight_queries.query_accepted, spell)
    latest = {(row.repository_id, row.number, row.fingerprint): row for row in reversed(rows)}
    seats, categories = _Tally(), _Tally()
    for row in latest.values():
        for name in filter(None, row.raised_by.split(",")):
            seats.add(name, row.right, 1)
        categories.add(row.category, row.right, 1)
    return AcceptedFindings(seats.shares(), categories.shares(), Ratio("findings", sum(row.right for row in latest.values()), len(latest)))


async def _causes(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[Ratio, ...]:
    """By kind, how many of the newest checks failed, and how many of those failed on the base branch before."""
    ratios = [Ratio(row.cause, int(row.before or 0), int(row.n)) for row in await _read(connection, insight_queries.query_causes, spell)]
    return tuple(sorted(ratios, key=lambda each: (-each.whole, each.name)))


@dataclass
class _Tally:
    """Shares being counted."""

    found: dict[str, tuple[int, int]] = field(default_factory=dict)

    def add(self, name: str, part: int, whole: int) -> None:
        before = self.found.get(name, (0, 0))
        self.found[name] = (before[0] + part, before[1] + whole)

    def shares(self) -> tuple[Ratio, ...]:
        """The largest first."""
        return tuple(sorted((Ratio(name, *counts) for name, counts in self.found.items()), key=lambda each: (-each.whole, each.name)))


async def _helpful(connection: AsyncConnection, spell: InsightsPeriod) -> Ratio:
    """How many answers helped, of those that people gave feedback on."""
    (row,) = await _read(connection, insight_queries.query_helpful, spell)
    return Ratio("answers", int(row.good or 0), int(row.n))


async def _runs(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[tuple[float, ...], tuple[float, ...], list[RunCost]]:
    """Seconds from the time a review was due to the first sign on GitHub, and to the end; and what each review cost."""
    rows = await _read(connection, insight_queries.query_runs, spell)
    signs = sorted(max(0.0, float(row.sign)) for row in rows if row.sign is not None)
    costs = [RunCost(row.id, row.author, float(row.usd)) for row in rows]
    return tuple(signs), tuple(sorted(max(0.0, float(row.answer)) for row in rows)), costs
