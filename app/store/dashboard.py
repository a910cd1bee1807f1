"""What the home page shows of repositories: newest reviews, open findings, costs, and waiting or failed jobs."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews import run_list
from app.store.reviews.run_list import RunSummary
from app.store.spending.daily_spending import usd_by_repository
from app.store.tables.core import FindingRow, JobRow, JobState, PullRequestRow, RunRow, RunState
from app.store.tables.decisions import DispositionRow

_RUN, _PULL, _FINDING, _JOB, _DISPOSITION = (sql_table(row) for row in (RunRow, PullRequestRow, FindingRow, JobRow, DispositionRow))
_REVIEWED = (RunState.PUBLISHED, RunState.INCOMPLETE)
_OPEN = ("recommended", "unconfirmed")
# SQLite joins at most 500 selects. Open pull requests beyond the newest of a repository are rarely viewed.
_AT_ONCE, _VERDICTS_AT_ONCE, _MOST_PULLS, _MOST_JOBS = 100, 500, 200, 10
_WEEK_SECONDS = 7 * 86_400.0
_KINDS = frozenset({"review", "ask", "consult", "command", "thread"})
_MOST_LOOKED_AT = 2_000
_NAMED = select(*(_JOB.c[name] for name in ("id", "kind", "state", "repository_id", "number", "error", "run_at", "finished_at")))


@dataclass(frozen=True)
class WaitingJob:
    """A job that waits, runs or failed. `at` is when it is due, or when it ended."""

    id: str
    kind: str
    state: JobState
    repository_id: int
    number: int
    error: str
    at: float


@dataclass(frozen=True)
class JobsByState:
    """The newest of some jobs, and their total number."""

    count: int = 0
    newest: tuple[WaitingJob, ...] = ()


@dataclass(frozen=True)
class Dashboard:
    """By repository: the newest review, open findings by severity, known pull requests, and costs since the month began."""

    last: Mapping[int, RunSummary] = field(default_factory=dict)
    open: Mapping[int, Mapping[str, int]] = field(default_factory=dict)
    opened: frozenset[int] = frozenset()
    usd: Mapping[int, float] = field(default_factory=dict)
    waiting: JobsByState = JobsByState()
    failed: JobsByState = JobsByState()


async def read_dashboard(connection: AsyncConnection, repository_ids: Sequence[int], now: float, month: float) -> Dashboard:
    """The dashboard of the repositories that a person may see. `month` is the first moment of this month."""
    if not repository_ids:
        return Dashboard()
    last: dict[int, RunSummary] = {}
    open_findings: dict[int, dict[str, int]] = {}
    opened: set[int] = set()
    for first in range(0, len(repository_ids), _AT_ONCE):
        ids = repository_ids[first : first + _AT_ONCE]
        last |= await _last_reviews(connection, ids)
        open_findings |= await _open_findings(connection, ids)
        opened |= await _with_pull_requests(connection, ids)
    going = (_JOB.c.state.in_((JobState.QUEUED, JobState.RUNNING)),)
    failed = (_JOB.c.state == JobState.DEAD, _JOB.c.finished_at >= now - _WEEK_SECONDS)
    return Dashboard(
        last=last,
        open=open_findings,
        opened=frozenset(opened),
        usd=await usd_by_repository(connection, month, repository_ids),
        waiting=await _jobs(connection, repository_ids, _NAMED.where(*going).order_by(_JOB.c.run_at)),
        failed=await _jobs(connection, repository_ids, _NAMED.where(*failed).order_by(_JOB.c.finished_at.desc())),
    )


async def _last_reviews(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, RunSummary]:
    # One query per repository and state, each along its index, however many runs there are.
    newest = (_RUN.c.created_at.desc(), _RUN.c.id.desc())
    looks = [
        select(_RUN.c.id, _RUN.c.created_at).where(_RUN.c.repository_id == each, _RUN.c.state == state).order_by(*newest).limit(1)
        for each in ids
        for state in _REVIEWED
    ]
    found = union_all(*(select(look.subquery()) for look in looks))
    names = [str(row.id) for row in sorted(await connection.execute(found), key=lambda row: (row.created_at, row.id))]
    # Of a repository's two states, the later run stays.
    return {line.repository_id: line for line in await run_list.lines(connection, names)}


async def _open_findings(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, dict[str, int]]:
    # In two steps: as one statement, SQLite asks for each pull request's newest verdict again for each of 300,000 findings (9 s).
    verdicts = list((await connection.execute(_newest_verdicts(ids))).scalars())
    decided = (
        _DISPOSITION.c.repository_id == _FINDING.c.repository_id,
        _DISPOSITION.c.number == _FINDING.c.number,
        _DISPOSITION.c.fingerprint == _FINDING.c.fingerprint,
    )
    where = (_FINDING.c.standing.in_(_OPEN), ~select(_DISPOSITION.c.number).where(*decided).exists())
    query = select(_FINDING.c.repository_id, _FINDING.c.severity, func.count().label("n")).where(*where)
    query = query.group_by(_FINDING.c.repository_id, _FINDING.c.severity)
    counted: dict[int, dict[str, int]] = defaultdict(dict)
    for first in range(0, len(verdicts), _VERDICTS_AT_ONCE):
        for row in await connection.execute(query.where(_FINDING.c.run_id.in_(verdicts[first : first + _VERDICTS_AT_ONCE]))):
            severities = counted[row.repository_id]
            severities[row.severity] = severities.get(row.severity, 0) + int(row.n)
    return dict(counted)


def _newest_verdicts(ids: Sequence[int]) -> Select[tuple[str]]:
    """The run of the newest verdict on each of the newest open pull requests that have one."""
    pulls = union_all(*(select(_newest_open(each).subquery()) for each in ids)).subquery()
    where = (_RUN.c.repository_id == pulls.c.repository_id, _RUN.c.number == pulls.c.number, _RUN.c.state.in_(_REVIEWED))
    newest = select(_RUN.c.id).where(*where).order_by(_RUN.c.created_at.desc(), _RUN.c.id.desc()).limit(1)
    runs = select(newest.scalar_subquery().label("run_id")).select_from(pulls).subquery()
    return select(runs.c.run_id).where(runs.c.run_id.is_not(None))


def _newest_open(repository_id: int) -> Select[tuple[int, int]]:
    mine = (_PULL.c.repository_id == repository_id, _PULL.c.open.is_(True))
    return select(_PULL.c.repository_id, _PULL.c.number).where(*mine).order_by(_PULL.c.number.desc()).limit(_MOST_PULLS)


async def _with_pull_requests(connection: AsyncConnection, ids: Sequence[int]) -> set[int]:
    looks = [select(_PULL.c.repository_id).where(_PULL.c.repository_id == each).limit(1) for each in ids]
    found = await connection.execute(union_all(*(select(look.subquery()) for look in looks)))
    return {int(repository_id) for repository_id in found.scalars()}


async def _jobs(connection: AsyncConnection, repository_ids: Sequence[int], query: Select[tuple[Any, ...]]) -> JobsByState:
    # Few jobs are in these states, and a repository has many jobs: they are found by state and filtered here.
    mine = frozenset(repository_ids)
    rows = [row for row in await connection.execute(query.limit(_MOST_LOOKED_AT)) if row.repository_id in mine and row.kind in _KINDS]
    newest = tuple(
        WaitingJob(
            id=row.id,
            kind=row.kind,
            state=JobState(row.state),
            repository_id=row.repository_id,
            number=row.number,
            error=row.error.split("\n", maxsplit=1)[0][:200],
            at=row.run_at if row.finished_at is None else row.finished_at,
        )
        for row in rows[:_MOST_JOBS]
    )
    return JobsByState(len(rows), newest)
