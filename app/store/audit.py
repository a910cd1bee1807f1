"""The audit log: who did what with privilege, chained so that a changed or missing row shows."""

import hashlib
import json
from dataclasses import astuple, dataclass

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.statements import table
from app.store.web_tables import AuditRow

_AUDIT = table(AuditRow)
_LOCK = 0x6175646974  # "audit"


@dataclass(frozen=True)
class Event:
    """Something worth remembering; `subject` is what it was done to."""

    at: float
    login: str
    address: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True)
class Entry:
    """An event in the log; `intact` is whether it still is what was written."""

    number: int
    event: Event
    intact: bool


async def record(connection: AsyncConnection, event: Event) -> None:
    """Add an event to the end of the chain, in the transaction of what it tells about."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = (await connection.execute(select(_AUDIT.c.id, _AUDIT.c.digest).order_by(_AUDIT.c.id.desc()).limit(1))).first()
    number, before = (last.id + 1, last.digest) if last else (1, "")
    await connection.execute(_AUDIT.insert().values(id=number, digest=_digest(before, number, event), **vars(event)))


async def entries(connection: AsyncConnection, limit: int, before: int | None = None) -> list[Entry]:
    """The latest events first, each checked against its neighbour; from below number `before`."""
    query = select(_AUDIT).order_by(_AUDIT.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(_AUDIT.c.id < before)
    rows = list(await connection.execute(query))
    found = []
    for at, row in enumerate(rows[:limit]):
        event = Event(row.at, row.login, row.address, row.action, row.subject, row.detail)
        older = rows[at + 1] if at + 1 < len(rows) else None
        follows = (older.id + 1 if older else 1) == row.id
        intact = follows and row.digest == _digest(older.digest if older else "", row.id, event)
        found.append(Entry(row.id, event, intact))
    return found


def _digest(before: str, number: int, event: Event) -> str:
    return hashlib.sha256(json.dumps([before, number, *astuple(event)]).encode()).hexdigest()
