"""The statements of the Insights page. Each is built once per number of repositories, because that takes as long as running it.

Change here in which rows a chart's numbers are counted.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Column, ColumnElement, Select, bindparam, case, func, select, union_all

from app.store.engine.upsert import sql_table
from app.store.tables.consultations import ConsultationOutcomeRow, ConsultationRow
from app.store.tables.core import FindingRow, JobRow, LedgerRow, PublicationRow, RunRow, RunState, VoteRow
from app.store.tables.decisions import OutcomeRow
from app.store.tables.pages import RedCheckRow, RunGroupRow
from reviewers.values.verdict import Stance

_RUN, _LEDGER, _FINDING, _VOTE, _PUBLICATION, _JOB = (
    sql_table(row) for row in (RunRow, LedgerRow, FindingRow, VoteRow, PublicationRow, JobRow)
)
_CONSULTATION, _SAID = sql_table(ConsultationRow), sql_table(ConsultationOutcomeRow)
_OUTCOME, _RED, _GROUP = (sql_table(row) for row in (OutcomeRow, RedCheckRow, RunGroupRow))
# A sign by the seats themselves (reviewers/learning/feedback.py, which the web process does not import).
_OF_SEATS = "withdrawn"
# The newest runs in which times and findings are counted. More of them would not change the charts.
_MOST = 500
# SQLite joins at most 500 selects.
_LOOKS = 100


def count_separate(repository_ids: Sequence[int]) -> int:
    """How many repositories a statement names one by one: 0 for none and for many."""
    return len(repository_ids) if len(repository_ids) < _LOOKS else 0


def list_values(repository_ids: Sequence[int], since: float, until: float) -> dict[str, object]:
    """The values of a statement that is built for these repositories."""
    mine: dict[str, object] = {f"r{n}": each for n, each in enumerate(repository_ids)} if count_separate(repository_ids) else {}
    return {"since": since, "until": until, **(mine or {"all": list(repository_ids)})}


@cache
def query_ended(count: int) -> Select[Any]:
    """States of the newest runs, with how many ended in each."""
    newest = _latest(count, _RUN.c.created_at, _RUN.c.state).subquery()
    return select(newest.c.state, func.count().label("n")).group_by(newest.c.state)


@cache
def query_findings(count: int) -> Select[Any]:
    """Kinds of findings of the newest reviews, with how many there are of each, and whether another seat confirmed them."""
    same = (_VOTE.c.run_id == _FINDING.c.run_id, _VOTE.c.short_id == _FINDING.c.short_id, _VOTE.c.stance == Stance.CONFIRM)
    kinds = (_FINDING.c.standing, _FINDING.c.category, _FINDING.c.raised_by, select(_VOTE.c.seat).where(*same).exists().label("agreed"))
    each = select(*kinds).where(_FINDING.c.run_id.in_(_newest(count))).subquery()
    return select(each, func.count().label("n")).group_by(*each.c)


@cache
def query_accepted(count: int) -> Select[Any]:
    """The newest signs of people about findings. Withdrawals by the seats themselves are not among them."""
    columns = [_OUTCOME.c[name] for name in ("repository_id", "number", "fingerprint", "right", "raised_by", "category")]
    return _latest(count, _OUTCOME.c.at, *columns, where=(_OUTCOME.c.source != _OF_SEATS,))


@cache
def query_causes(count: int) -> Select[Any]:
    """Causes of the newest failed checks, with how many there are of each, and how many of those failed on the base branch before."""
    newest = _latest(count, _RED.c.at, _RED.c.cause, _RED.c.red_before).subquery()
    before = func.sum(case((newest.c.red_before, 1), else_=0))
    return select(newest.c.cause, before.label("before"), func.count().label("n")).group_by(newest.c.cause)


@cache
def query_helpful(count: int) -> Select[Any]:
    """One row: of the newest answers that people gave feedback on, how many there are, and how many helped."""
    judged = select(_SAID.c.consultation_id).where(_SAID.c.consultation_id == _CONSULTATION.c.id).exists()
    newest = _latest(count, _CONSULTATION.c.created_at, _CONSULTATION.c.score, where=(judged,)).subquery()
    counts: list[ColumnElement[Any]] = [func.sum(case((newest.c.score > 0, 1), else_=0)).label("good"), func.count().label("n")]
    return select(*counts).select_from(newest)


@cache
def query_runs(count: int) -> Select[Any]:
    """The newest reviews with their costs, and seconds from the time each was due to the first sign on GitHub, and to the end."""
    first = select(func.min(_PUBLICATION.c.created_at)).where(_PUBLICATION.c.owner == _RUN.c.id).scalar_subquery()
    spent = func.coalesce(func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)), 0.0)
    usd = select(spent).where(_LEDGER.c.run_id == _RUN.c.id).scalar_subquery()
    due = func.coalesce(_JOB.c.run_at, _RUN.c.created_at)
    times = ((first - due).label("sign"), (_RUN.c.updated_at - due).label("answer"))
    query = select(_RUN.c.id, _RUN.c.author, usd.label("usd"), *times)
    return query.select_from(_RUN.outerjoin(_JOB, _JOB.c.id == _RUN.c.job_id)).where(_RUN.c.id.in_(_newest(count)))


@cache
def query_groups(count: int) -> Select[Any]:
    """The labels and teams of the newest reviews. These are a query here, because 500 ids cost more than it."""
    return select(_GROUP.c.run_id, _GROUP.c.kind, _GROUP.c.name).where(_GROUP.c.run_id.in_(_newest(count)))


def _latest(count: int, at: Column[float], *more: Column[Any], where: Sequence[ColumnElement[bool]] = ()) -> Select[tuple[Any, ...]]:
    """The newest rows of a period with these columns, and their times, of that many repositories, or of any number if it is 0.

    One query per repository along its index: with a list of repositories in one condition, PostgreSQL sorts all of their rows.
    """
    spelled = (at >= bindparam("since"), at <= bindparam("until"), *where)
    owner = at.table.c.repository_id
    if not count:
        mine = owner.in_(bindparam("all", expanding=True))
        return select(at.label("at"), *more).where(mine, *spelled).order_by(at.desc()).limit(_MOST)
    names = (bindparam(f"r{n}", type_=BigInteger) for n in range(count))
    looks = (select(at.label("at"), *more).where(owner == name, *spelled).order_by(at.desc()).limit(_MOST) for name in names)
    found = union_all(*(select(look.subquery()) for look in looks)).subquery()
    return select(found).order_by(found.c.at.desc()).limit(_MOST)


def _newest(count: int) -> Select[tuple[str]]:
    found = _latest(count, _RUN.c.created_at, _RUN.c.id, where=(_RUN.c.state == RunState.PUBLISHED,)).subquery()
    return select(found.c.id)
