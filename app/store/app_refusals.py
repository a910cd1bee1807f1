"""Records which workers GitHub does not accept as the App, and why. `/readyz` and the doctor show it."""

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.pages import SecretRow

_SECRET = sql_table(SecretRow)
_SCOPE = "app refused"
# A waiting worker asks again, and records it, more often than this. A worker that ended records nothing.
KEPT_SECONDS = 60.0


async def note_refusal(connection: AsyncConnection, owner: str, reason: str, now: float) -> None:
    """Record, or record again, that a worker is waiting."""
    row = {"scope": _SCOPE, "name": owner, "sealed": b"", "hint": reason[:500], "changed_at": now}
    statement = insert_or(SecretRow, connection.dialect.name).values(**row)
    update_set = {"hint": row["hint"], "changed_at": now}
    await connection.execute(statement.on_conflict_do_update(index_elements=["scope", "name"], set_=update_set))


async def clear_refusal(connection: AsyncConnection, owner: str, now: float) -> None:
    """Delete the record of a worker, and those of workers that ended."""
    old = (_SECRET.c.name == owner) | (_SECRET.c.changed_at < now - KEPT_SECONDS)
    await connection.execute(delete(_SECRET).where(_SECRET.c.scope == _SCOPE, old))


async def refusal_reasons(connection: AsyncConnection, now: float) -> list[str]:
    """Why workers are waiting, each reason once."""
    query = select(_SECRET.c.hint).where(_SECRET.c.scope == _SCOPE, _SECRET.c.changed_at >= now - KEPT_SECONDS)
    return sorted(set((await connection.execute(query)).scalars()))
