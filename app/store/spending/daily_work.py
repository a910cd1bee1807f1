"""Counts reviews and questions by day, so that a page reads few rows: counts of past days, and single rows after them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from sqlalchemy import TextClause, case, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.missed_deliveries import bookmark, has_moved, move_bookmark
from app.store.spending.daily_spending import DAY
from app.store.tables.consultations import ConsultationRow
from app.store.tables.core import RepositoryRow, RunRow, RunState
from app.store.tables.pages import WorkDayRow

_RUN, _CONSULTATION, _REPOSITORY, _DAY = (sql_table(row) for row in (RunRow, ConsultationRow, RepositoryRow, WorkDayRow))
# The bookmark before which days are counted.
MARK = "work"
_DAYS_AT_ONCE, _REPOSITORIES_AT_ONCE = 7, 20
# A review that was outdated by a newer push, or cancelled, does not count for the account.
UNCOUNTED = (RunState.CANCELLED, RunState.SUPERSEDED)
_COUNTS = ("runs", "reviews", "questions")


@dataclass(frozen=True)
class DayOfWork:
    """One day of some repositories, by its first moment, UTC: all runs, the reviews among them that count, and questions."""

    day: float
    runs: int
    reviews: int
    questions: int


async def add_up_work(connection: AsyncConnection, now: float) -> bool:
    """Count the days before yesterday that are not counted yet, at most a week of them. Returns whether there are more."""
    if connection.dialect.name == "postgresql":
        # Two processes with the same bookmark would count twice. SQLite's write transaction is exclusive anyway.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('work'))"))
    mark, until = await bookmark(connection, MARK), (now // DAY - 1) * DAY
    firsts = [
        await connection.scalar(select(func.min(rows.c.created_at)).where(rows.c.created_at >= mark)) for rows in (_RUN, _CONSULTATION)
    ]
    begin = max(mark, min((float(first) // DAY * DAY for first in firsts if first is not None), default=until))
    if begin >= until:
        return False
    end = min(until, begin + _DAYS_AT_ONCE * DAY)
    for number in range(int((end - begin) // DAY)):
        await _add_day(connection, begin + number * DAY)
    await move_bookmark(connection, MARK, end)
    return end < until


async def _add_day(connection: AsyncConnection, day: float) -> None:
    known = select(_REPOSITORY.c.id)
    counted = func.sum(case((_RUN.c.state.in_(UNCOUNTED), 0), else_=1))
    for rows, counts in ((_RUN, (func.count(), counted, literal(0))), (_CONSULTATION, (literal(0), literal(0), func.count()))):
        # By repository, because the index begins with it.
        spell = (rows.c.repository_id.in_(known), rows.c.created_at >= day, rows.c.created_at < day + DAY)
        found = select(rows.c.repository_id, literal(day), *counts).where(*spell).group_by(rows.c.repository_id)
        statement = insert_or(WorkDayRow, connection.dialect.name).from_select(["repository_id", "day", *_COUNTS], found)
        more = {name: _DAY.c[name] + statement.excluded[name] for name in _COUNTS}
        await connection.execute(statement.on_conflict_do_update(index_elements=["repository_id", "day"], set_=more))


async def work_since(connection: AsyncConnection, since: float, until: float, repository_ids: Sequence[int]) -> tuple[DayOfWork, ...]:
    """Each day from the first moment `since` to the day of `until`, of these repositories together."""
    mark, found = await bookmark(connection, MARK), None
    while found is None:
        found = await _counted(connection, since, until, (mark, repository_ids))
        # Days that the bookmark passes between two statements would count twice.
        if await has_moved(connection, MARK, mark):
            mark, found = await bookmark(connection, MARK), None
    return found


async def _counted(connection: AsyncConnection, since: float, until: float, marked: tuple[float, Sequence[int]]) -> tuple[DayOfWork, ...]:
    mark, repository_ids = marked
    days = [since + number * DAY for number in range(int((until - since) // DAY) + 1)]
    counts = {day: dict.fromkeys(_COUNTS, 0) for day in days}
    summed = select(_DAY.c.day, *(func.sum(_DAY.c[name]).label(name) for name in _COUNTS))
    summed = summed.where(_DAY.c.repository_id.in_(repository_ids), _DAY.c.day >= since, _DAY.c.day < mark).group_by(_DAY.c.day)
    for row in await connection.execute(summed):
        if row.day in counts:
            counts[row.day] = {name: int(getattr(row, name)) for name in _COUNTS}
    recent = [day for day in days if day >= mark]
    bounds = {f"d{number}": recent[0] + number * DAY for number in range(len(recent) + 1)} if recent else {}
    for first in range(0, len(repository_ids) if recent else 0, _REPOSITORIES_AT_ONCE):
        some = repository_ids[first : first + _REPOSITORIES_AT_ONCE]
        mine = {f"r{number}": repository_id for number, repository_id in enumerate(some)}
        for row in await connection.execute(_counting(len(recent), len(some)), mine | bounds):
            for (day, name), count in zip(product(recent, _COUNTS), row, strict=True):
                counts[day][name] += count
    return tuple(DayOfWork(day, **counts[day]) for day in days)


@lru_cache(64)
def _counting(days: int, repositories: int) -> TextClause:
    """One count along the index per day, as text. Built from SQLAlchemy expressions, it would take longer to build than to run."""
    states = ", ".join(f"'{state.value}'" for state in UNCOUNTED)
    day = "(SELECT count(*) FROM {} WHERE repository_id = :r{} AND created_at >= :d{} AND created_at < :d{}{})"
    # In the order of `_COUNTS`.
    kinds = ((_RUN.name, ""), (_RUN.name, f" AND state NOT IN ({states})"), (_CONSULTATION.name, ""))
    rows = (
        ", ".join(day.format(table, repository, number, number + 1, only) for number in range(days) for table, only in kinds)
        for repository in range(repositories)
    )
    return text(" UNION ALL ".join(f"SELECT {row}" for row in rows))
