"""Sums what all repositories together have spent today and this month. The instance's caps use these sums."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import case, func, literal, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.missed_deliveries import bookmark, has_moved
from app.store.spending.daily_spending import DAY, MARK
from app.store.tables.core import LedgerRow
from app.store.tables.pages import SpendingDayRow

_LEDGER, _DAY = sql_table(LedgerRow), sql_table(SpendingDayRow)
# The id and name that costs of deleted repositories stay counted under.
FORGOTTEN = 0
FORGOTTEN_MODEL = "(deleted repositories)"


@dataclass(frozen=True)
class InstanceSpent:
    """US dollars."""

    day: float
    month: float


async def instance_spent(connection: AsyncConnection, day: float, month: float) -> tuple[InstanceSpent, InstanceSpent]:
    """Costs since the start of a day and of its month, with and without what calls in flight have reserved."""
    mark, found = await bookmark(connection, MARK), None
    while found is None:
        found = await _spent_after(connection, mark, (day, month))
        # Calls that the bookmark passes between two statements would count twice.
        if await has_moved(connection, MARK, mark):
            mark, found = await bookmark(connection, MARK), None
    return found


async def _spent_after(connection: AsyncConnection, mark: float, starts: tuple[float, float]) -> tuple[InstanceSpent, InstanceSpent]:
    """The sums of days, and the calls after the bookmark. It is a value, because PostgreSQL would read all calls to look it up itself."""
    day, month = starts
    summed = select(_DAY.c.day.label("at"), _DAY.c.usd.label("reserved"), _DAY.c.usd.label("settled")).where(_DAY.c.day >= month)
    reserved, settled = func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd), func.coalesce(_LEDGER.c.spent_usd, 0.0)
    recent = select(_LEDGER.c.created_at.label("at"), reserved.label("reserved"), settled.label("settled"))
    rows = union_all(summed, recent.where(_LEDGER.c.created_at >= max(mark, month))).subquery()
    sums = [
        func.coalesce(func.sum(case((rows.c.at >= since, rows.c[name]), else_=0.0)), 0.0)
        for name in ("reserved", "settled")
        for since in (day, month)
    ]
    usd = [float(total) for total in (await connection.execute(select(*sums))).one()]
    return InstanceSpent(*usd[:2]), InstanceSpent(*usd[2:])


async def lock_instance(connection: AsyncConnection) -> None:
    """Serialize the reservations of all repositories. SQLite's write transaction already does."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('instance'))"))


async def keep_spent(connection: AsyncConnection, repository_ids: Collection[int]) -> None:
    """Keep the costs of deleted repositories as sums of days that name none of them, because the money was spent all the same."""
    mark = await bookmark(connection, MARK)
    usd = func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd).label("usd")
    summed = select(_DAY.c.day, _DAY.c.calls, _DAY.c.usd).where(_DAY.c.repository_id.in_(repository_ids))
    recent = select(_LEDGER.c.created_at.label("day"), literal(1).label("calls"), usd)
    recent = recent.where(_LEDGER.c.repository_id.in_(repository_ids), _LEDGER.c.created_at >= mark)
    days: dict[float, tuple[int, float]] = {}
    for row in await connection.execute(union_all(summed, recent)):
        day = row.day // DAY * DAY
        calls, spent = days.get(day, (0, 0.0))
        days[day] = (calls + row.calls, spent + row.usd)
    for day, (calls, spent) in days.items():
        own = {"repository_id": FORGOTTEN, "day": day, "model": FORGOTTEN_MODEL, "fault": ""}
        statement = insert_or(SpendingDayRow, connection.dialect.name).values({**own, "calls": calls, "seconds": 0.0, "usd": spent})
        more = {name: _DAY.c[name] + statement.excluded[name] for name in ("calls", "usd")}
        await connection.execute(statement.on_conflict_do_update(index_elements=list(own), set_=more))
