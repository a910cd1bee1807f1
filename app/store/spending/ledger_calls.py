"""The ledger's queries: what is reserved and spent, by run, pull request, day and month."""

from dataclasses import dataclass

from sqlalchemy import case, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.core import LedgerRow
from reviewers.values.verdict import Usage

_LEDGER = sql_table(LedgerRow)
LOST = "lost"


@dataclass(frozen=True)
class CostAccount:
    """Whose money is spent: one run of one pull request of one repository."""

    run_id: str
    repository_id: int
    number: int


@dataclass(frozen=True)
class Spent:
    """US dollars."""

    run: float
    pull_request: float
    day: float
    month: float


async def read_spent(connection: AsyncConnection, account: CostAccount, day: float, month: float) -> tuple[Spent, Spent]:
    """What the account has spent, with and without what calls in flight have reserved. `day` and `month` are their first moments."""
    reserved, settled = func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd), func.coalesce(_LEDGER.c.spent_usd, 0.0)
    within = (
        _LEDGER.c.run_id == account.run_id,
        _LEDGER.c.number == account.number,
        _LEDGER.c.created_at >= day,
        _LEDGER.c.created_at >= month,
    )
    sums = [func.coalesce(func.sum(case((where, usd), else_=0.0)), 0.0) for usd in (reserved, settled) for where in within]
    totals = (await connection.execute(select(*sums).where(_LEDGER.c.repository_id == account.repository_id))).one()
    usd = [float(total) for total in totals]
    return Spent(*usd[:4]), Spent(*usd[4:])


@dataclass(frozen=True)
class ModelSpending:
    """The calls of one model. `usd` counts reservations as spent; `tokens` counts both directions."""

    model: str
    calls: int
    tokens: int
    usd: float


async def by_model(connection: AsyncConnection, account: CostAccount) -> tuple[ModelSpending, ...]:
    """What the account's pull request has spent, the most expensive model first."""
    usd = func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd))
    tokens = func.sum(_LEDGER.c.input_tokens + _LEDGER.c.output_tokens)
    query = (
        select(_LEDGER.c.model, func.count().label("calls"), tokens.label("tokens"), usd.label("usd"))
        .where(_LEDGER.c.repository_id == account.repository_id, _LEDGER.c.number == account.number)
        .group_by(_LEDGER.c.model)
        .order_by(usd.desc(), _LEDGER.c.model)
    )
    return tuple(
        ModelSpending(row.model, row.calls, int(row.tokens or 0), float(row.usd or 0.0)) for row in await connection.execute(query)
    )


async def lock_account(connection: AsyncConnection, account: CostAccount) -> None:
    """Serialize the reservations of one repository. SQLite's write transaction already does.

    This is a separate lock, because a repository without a row, such as a local one, could not be locked by it.
    """
    await _lock(connection, f"account:{account.repository_id}")


@dataclass(frozen=True)
class PlannedCall:
    """A model call that is about to be made. `provider` names the key that pays for it."""

    id: str
    purpose: str
    provider: str
    model: str


async def in_flight(connection: AsyncConnection, provider: str, since: float) -> int:
    """How many calls a provider is answering now. Calls from before `since` are orphaned."""
    here = (_LEDGER.c.settled_at.is_(None), _LEDGER.c.provider == provider, _LEDGER.c.created_at >= since)
    return (await connection.execute(select(func.count()).select_from(_LEDGER).where(*here))).scalar() or 0


async def lock_provider(connection: AsyncConnection, provider: str) -> None:
    """Serialize the counting of callers of one provider. SQLite's write transaction already does."""
    await _lock(connection, f"provider:{provider}")


async def _lock(connection: AsyncConnection, key: str) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:key))"), {"key": key})


async def reserve_call(connection: AsyncConnection, account: CostAccount, call: PlannedCall, usd: float, now: float) -> None:
    """Book a reservation."""
    values = {
        "id": call.id,
        "run_id": account.run_id,
        "repository_id": account.repository_id,
        "number": account.number,
        "purpose": call.purpose,
        "provider": call.provider,
        "model": call.model,
        "fault": "",
        "reserved_usd": usd,
        "input_tokens": 0,
        "cached_tokens": 0,
        "output_tokens": 0,
        "created_at": now,
    }
    await connection.execute(insert_or(LedgerRow, connection.dialect.name).values(values))


async def settle_call(connection: AsyncConnection, entry_id: str, usage: Usage, fault: str, now: float) -> None:
    """Book what a call cost. If the price is unknown, book the reservation."""
    values = {
        "spent_usd": _LEDGER.c.reserved_usd if usage.cost_usd is None else usage.cost_usd,
        "input_tokens": usage.input_tokens,
        "cached_tokens": usage.cached_tokens,
        "output_tokens": usage.output_tokens,
        "fault": fault,
        "settled_at": now,
    }
    await connection.execute(update(_LEDGER).where(_LEDGER.c.id == entry_id).values(values))


async def book_lost(connection: AsyncConnection, run_id: str, now: float) -> None:
    """Book the calls that a dead process left open: they may have been billed, and no process will settle them."""
    lost = (_LEDGER.c.run_id == run_id, _LEDGER.c.settled_at.is_(None))
    await connection.execute(update(_LEDGER).where(*lost).values(spent_usd=_LEDGER.c.reserved_usd, fault=LOST, settled_at=now))


async def usual_seconds(connection: AsyncConnection, since: float) -> dict[str, float]:
    """Each model's average seconds for an opinion, over the calls since then that returned an answer."""
    took = func.avg(_LEDGER.c.settled_at - _LEDGER.c.created_at)
    where = (_LEDGER.c.purpose == "opinion", _LEDGER.c.fault == "", _LEDGER.c.settled_at.is_not(None), _LEDGER.c.created_at >= since)
    rows = await connection.execute(select(_LEDGER.c.model, took).where(*where).group_by(_LEDGER.c.model))
    return {str(model): float(seconds) for model, seconds in rows}
