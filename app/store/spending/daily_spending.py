"""Sums costs by day, so that a page reads few rows: daily sums up to a bookmark, and single calls after it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.missed_deliveries import bookmark, has_moved, move_bookmark
from app.store.tables.core import LedgerRow
from app.store.tables.pages import SpendingDayRow

_LEDGER, _DAY = sql_table(LedgerRow), sql_table(SpendingDayRow)
# The bookmark before which calls are in the sums.
MARK = "spending"
DAY = 86_400.0
# Every caller gives up sooner. A call still open after a day belongs to a process that died.
_SETTLED_SECONDS, _LOST_SECONDS = 3_600.0, DAY
_DAYS_AT_ONCE = 7
# Repositories by their ids, by a query for these, or all.
Mine = Sequence[int] | Select[tuple[int]] | None
_BY, _SUMS = ("repository_id", "day", "model", "fault"), ("calls", "seconds", "usd")


@dataclass(frozen=True)
class Calls:
    """Calls of one model with the same end ("" for an answer). Seconds and dollars are sums; reservations count as spent."""

    model: str
    fault: str
    calls: int
    seconds: float
    usd: float


async def add_up(connection: AsyncConnection, now: float) -> bool:
    """Add final calls to their days, at most a week of them. Returns whether there are more."""
    if connection.dialect.name == "postgresql":
        # Two processes with the same bookmark would count twice. SQLite's write transaction is exclusive anyway.
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('spending'))"))
    mark, until = await bookmark(connection, MARK), await _settled_until(connection, now)
    first = await connection.scalar(select(func.min(_LEDGER.c.created_at)).where(_LEDGER.c.created_at >= mark))
    if first is None or first >= until:
        return False
    begin = first // DAY * DAY
    end = min(until, begin + _DAYS_AT_ONCE * DAY)
    for number in range(_DAYS_AT_ONCE):
        day = begin + number * DAY
        await _add_day(connection, day, max(mark, day), min(end, day + DAY))
    await move_bookmark(connection, MARK, end)
    return bool(end < until)


async def _settled_until(connection: AsyncConnection, now: float) -> float:
    """The time before which every call has ended."""
    waiting = (_LEDGER.c.settled_at.is_(None), _LEDGER.c.created_at >= now - _LOST_SECONDS)
    oldest = await connection.scalar(select(func.min(_LEDGER.c.created_at)).where(*waiting))
    return now - _SETTLED_SECONDS if oldest is None else min(float(oldest), now - _SETTLED_SECONDS)


async def _add_day(connection: AsyncConnection, day: float, since: float, until: float) -> None:
    own = (_LEDGER.c.repository_id, literal(day).label("day"), _LEDGER.c.model, _LEDGER.c.fault)
    spell = (_LEDGER.c.created_at >= since, _LEDGER.c.created_at < until)
    counted = select(*own, *_sums()).where(*spell).group_by(_LEDGER.c.repository_id, _LEDGER.c.model, _LEDGER.c.fault)
    statement = insert_or(SpendingDayRow, connection.dialect.name).from_select([*_BY, *_SUMS], counted)
    more = {name: _DAY.c[name] + statement.excluded[name] for name in _SUMS}
    await connection.execute(statement.on_conflict_do_update(index_elements=_BY, set_=more))


def _sums() -> list[ColumnElement[float]]:
    took = case((_LEDGER.c.settled_at.is_not(None), _LEDGER.c.settled_at - _LEDGER.c.created_at), else_=0.0)
    usd = func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)
    return [each.label(name) for name, each in zip(_SUMS, (func.count(), func.sum(took), func.sum(usd)), strict=True)]


async def by_model(connection: AsyncConnection, since: float = 0.0, repository_ids: Mine = None) -> tuple[Calls, ...]:
    """All calls since the start of a day, of these repositories or of all."""
    mark, found = await bookmark(connection, MARK), None
    while found is None:
        found = await _by_model(connection, _counted(max(since, mark), since, repository_ids))
        # Calls that the bookmark passes between two statements would count twice.
        if await has_moved(connection, MARK, mark):
            mark, found = await bookmark(connection, MARK), None
    return found


async def _by_model(connection: AsyncConnection, rows: Subquery) -> tuple[Calls, ...]:
    sums = [func.sum(rows.c[name]).label(name) for name in _SUMS]
    found = await connection.execute(select(rows.c.model, rows.c.fault, *sums).group_by(rows.c.model, rows.c.fault))
    return tuple(Calls(row.model, row.fault, int(row.calls), float(row.seconds or 0.0), float(row.usd or 0.0)) for row in found)


def _counted(after: float, since: float, repository_ids: Mine) -> Subquery:
    """The sums of days, and the calls after the bookmark."""
    days = [_DAY.c.day >= since]
    calls = [_LEDGER.c.created_at >= after]
    if repository_ids is not None:
        days.append(_DAY.c.repository_id.in_(repository_ids))
        calls.append(_LEDGER.c.repository_id.in_(repository_ids))
    kinds = (_LEDGER.c.model, _LEDGER.c.fault)
    summed = select(_DAY.c.model, _DAY.c.fault, *(_DAY.c[name] for name in _SUMS)).where(*days)
    return union_all(summed, select(*kinds, *_sums()).where(*calls).group_by(*kinds)).subquery()


@dataclass(frozen=True)
class Spending:
    """US dollars that a repository spent on one day (or by one call of today) at `at`. Reservations count as spent."""

    repository_id: int
    at: float
    usd: float

    @property
    def day(self) -> float:
        """The first moment of the day."""
        return self.at // DAY * DAY


async def usd_by_model(connection: AsyncConnection, since: float, repository_ids: Sequence[int]) -> dict[tuple[int, str], float]:
    """US dollars per repository and model since the start of a day."""
    mark, found = await bookmark(connection, MARK), None
    while found is None:
        mine = (_DAY.c.repository_id.in_(repository_ids), _DAY.c.day >= since)
        summed = select(_DAY.c.repository_id, _DAY.c.model, func.sum(_DAY.c.usd).label("usd")).where(*mine)
        spent = func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)).label("usd")
        recent = select(_LEDGER.c.repository_id, _LEDGER.c.model, spent)
        recent = recent.where(_LEDGER.c.repository_id.in_(repository_ids), _LEDGER.c.created_at >= max(since, mark))
        kinds = ((_DAY.c.repository_id, _DAY.c.model), (_LEDGER.c.repository_id, _LEDGER.c.model))
        rows = await connection.execute(union_all(summed.group_by(*kinds[0]), recent.group_by(*kinds[1])))
        found = dict[tuple[int, str], float]()
        for row in rows:
            key = (int(row.repository_id), str(row.model))
            found[key] = found.get(key, 0.0) + float(row.usd or 0.0)
        # Calls that the bookmark passes between two statements would count twice.
        if await has_moved(connection, MARK, mark):
            mark, found = await bookmark(connection, MARK), None
    return found


async def usd_by_repository(connection: AsyncConnection, since: float, repository_ids: Sequence[int]) -> dict[int, float]:
    """US dollars per repository since the start of a day. Repositories without costs are left out."""
    usd: dict[int, float] = {}
    for spending in await spending_since(connection, since, repository_ids):
        usd[spending.repository_id] = usd.get(spending.repository_id, 0.0) + spending.usd
    return usd


async def spending_since(connection: AsyncConnection, since: float, repository_ids: Sequence[int]) -> list[Spending]:
    """Costs since the start of a day: sums of days, and the calls after the bookmark."""
    mark, found = await bookmark(connection, MARK), None
    while found is None:
        mine = (_DAY.c.repository_id.in_(repository_ids), _DAY.c.day >= since)
        summed = select(_DAY.c.repository_id, _DAY.c.day.label("at"), func.sum(_DAY.c.usd).label("usd")).where(*mine)
        spent = func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd).label("usd")
        recent = select(_LEDGER.c.repository_id, _LEDGER.c.created_at.label("at"), spent)
        # The bookmark is a value here, so that the index is read from it on: a month has 75,000 calls.
        recent = recent.where(_LEDGER.c.repository_id.in_(repository_ids), _LEDGER.c.created_at >= max(since, mark))
        rows = await connection.execute(union_all(summed.group_by(_DAY.c.repository_id, _DAY.c.day), recent))
        found = [Spending(int(row.repository_id), float(row.at), float(row.usd or 0.0)) for row in rows]
        # Calls that the bookmark passes between two statements would count twice.
        if await has_moved(connection, MARK, mark):
            mark, found = await bookmark(connection, MARK), None
    return found
