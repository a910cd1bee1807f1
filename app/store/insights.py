"""Counts what a repository's council did in a period, for charts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, case, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews.run_groups import GroupCosts, cost_by_group
from app.store.spending.daily_spending import DAY, usd_by_model
from app.store.spending.daily_work import work_since
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow
from app.store.tables.core import FindingRow, JobRow, LedgerRow, PublicationRow, RunRow, RunState, VoteRow
from app.store.tables.decisions import OutcomeRow
from app.store.tables.pages import RedCheckRow
from reviewers.values.verdict import ProposalStanding, Stance

_RUN, _LEDGER, _FINDING, _VOTE, _PUBLICATION, _JOB = (
    sql_table(row) for row in (RunRow, LedgerRow, FindingRow, VoteRow, PublicationRow, JobRow)
)
_CONSULTATION, _SAID = sql_table(ConsultationRow), sql_table(ConsultationOutcomeRow)
_OUTCOME, _RED = sql_table(OutcomeRow), sql_table(RedCheckRow)
# A sign by the seats themselves (reviewers/learning/feedback.py, which the web process does not import).
_OF_SEATS = "withdrawn"
# The newest runs in which times and findings are counted. More of them would not change the charts.
_MOST = 500
# SQLite joins at most 500 selects.
_LOOKS = 100
_Ids = Select[tuple[str]]


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
    newest = _newest(spell)
    seats, categories, consensus = await _findings(connection, newest)
    first_sign, answer = await _times(connection, newest)
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
        groups=await cost_by_group(connection, newest),
        repositories=repositories,
    )


async def _ended(connection: AsyncConnection, spell: InsightsPeriod) -> dict[str, int]:
    """How the newest runs ended."""
    newest = _latest(spell, _RUN.c.created_at, _RUN.c.state).subquery()
    rows = await connection.execute(select(newest.c.state, func.count().label("n")).group_by(newest.c.state))
    return {row.state: row.n for row in rows}


def _latest(
    spell: InsightsPeriod, at: Column[float], *more: Column[Any], where: Sequence[ColumnElement[bool]] = ()
) -> Select[tuple[Any, ...]]:
    """The newest rows of a period with these columns, and their times.

    One query per repository along its index: with a list of repositories in one condition, PostgreSQL sorts all of their rows.
    """
    spelled = (at >= spell.since, at <= spell.until, *where)
    owner = at.table.c.repository_id
    if len(spell.repository_ids) not in range(1, _LOOKS):
        return select(at.label("at"), *more).where(owner.in_(spell.repository_ids), *spelled).order_by(at.desc()).limit(_MOST)
    looks = (select(at.label("at"), *more).where(owner == each, *spelled).order_by(at.desc()).limit(_MOST) for each in spell.repository_ids)
    found = union_all(*(select(look.subquery()) for look in looks)).subquery()
    return select(found).order_by(found.c.at.desc()).limit(_MOST)


async def _usd(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[dict[str, float], dict[int, float]]:
    """The costs, by model and by repository."""
    models: dict[str, float] = defaultdict(float)
    repositories: dict[int, float] = defaultdict(float)
    for (repository_id, model), usd in (await usd_by_model(connection, spell.since, spell.repository_ids)).items():
        models[model or "unknown"] += usd
        repositories[repository_id] += usd
    return dict(models), dict(repositories)


def _newest(spell: InsightsPeriod) -> _Ids:
    found = _latest(spell, _RUN.c.created_at, _RUN.c.id, where=(_RUN.c.state == RunState.PUBLISHED,)).subquery()
    return select(found.c.id)


async def _findings(connection: AsyncConnection, runs: _Ids) -> tuple[tuple[Ratio, ...], tuple[Ratio, ...], Ratio]:
    """How many findings of each seat and category the council recommended, and on how many two seats agreed."""
    same = (_VOTE.c.run_id == _FINDING.c.run_id, _VOTE.c.short_id == _FINDING.c.short_id, _VOTE.c.stance == Stance.CONFIRM)
    kinds = (_FINDING.c.standing, _FINDING.c.category, _FINDING.c.raised_by, select(_VOTE.c.seat).where(*same).exists().label("agreed"))
    each = select(*kinds).where(_FINDING.c.run_id.in_(runs)).subquery()
    rows = (await connection.execute(select(each, func.count().label("n")).group_by(*each.c))).all()
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
    columns = [_OUTCOME.c[name] for name in ("repository_id", "number", "fingerprint", "right", "raised_by", "category")]
    query = _latest(spell, _OUTCOME.c.at, *columns, where=(_OUTCOME.c.source != _OF_SEATS,))
    latest = {(row.repository_id, row.number, row.fingerprint): row for row in reversed((await connection.execute(query)).all())}
    seats, categories = _Tally(), _Tally()
    for row in latest.values():
        for name in filter(None, row.raised_by.split(",")):
            seats.add(name, row.right, 1)
        categories.add(row.category, row.right, 1)
    return AcceptedFindings(seats.shares(), categories.shares(), Ratio("findings", sum(row.right for row in latest.values()), len(latest)))


async def _causes(connection: AsyncConnection, spell: InsightsPeriod) -> tuple[Ratio, ...]:
    """By kind, how many of the newest checks failed, and how many of those failed on the base branch before."""
    newest = _latest(spell, _RED.c.at, _RED.c.cause, _RED.c.red_before).subquery()
    before = func.sum(case((newest.c.red_before, 1), else_=0))
    query = select(newest.c.cause, before.label("before"), func.count().label("n")).group_by(newest.c.cause)
    ratios = [Ratio(row.cause, int(row.before or 0), int(row.n)) for row in await connection.execute(query)]
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
    judged = select(_SAID.c.consultation_id).where(_SAID.c.consultation_id == _CONSULTATION.c.id).exists()
    newest = _latest(spell, _CONSULTATION.c.created_at, _CONSULTATION.c.score, where=(judged,)).subquery()
    good = func.sum(case((newest.c.score > 0, 1), else_=0))
    row = (await connection.execute(select(good.label("good"), func.count().label("n")).select_from(newest))).one()
    return Ratio("answers", int(row.good or 0), int(row.n))


async def _times(connection: AsyncConnection, runs: _Ids) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds from the time a review was due to the first sign on GitHub, and to the end."""
    first = select(func.min(_PUBLICATION.c.created_at)).where(_PUBLICATION.c.owner == _RUN.c.id).scalar_subquery()
    due = func.coalesce(_JOB.c.run_at, _RUN.c.created_at)
    query = select((first - due).label("sign"), (_RUN.c.updated_at - due).label("answer"))
    query = query.select_from(_RUN.outerjoin(_JOB, _JOB.c.id == _RUN.c.job_id)).where(_RUN.c.id.in_(runs))
    rows = (await connection.execute(query)).all()
    signs = sorted(max(0.0, float(row.sign)) for row in rows if row.sign is not None)
    return tuple(signs), tuple(sorted(max(0.0, float(row.answer)) for row in rows))
