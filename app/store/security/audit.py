"""The audit log of privileged actions, chained so that a changed or missing row can be detected."""

import hashlib
import json
from dataclasses import astuple, dataclass

from sqlalchemy import Row, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.tables.pages import AuditRow

_AUDIT = sql_table(AuditRow)
_LOCK = 0x6175646974  # "audit"
_STEP = 1_000


@dataclass(frozen=True)
class Event:
    """A privileged action. `subject` is what it was done to."""

    at: float
    login: str
    address: str
    action: str
    subject: str
    detail: str = ""


@dataclass(frozen=True)
class AuditEntry:
    """An event in the log. `intact` is whether it still matches what was written."""

    number: int
    event: Event
    intact: bool


async def record_event(connection: AsyncConnection, event: Event) -> None:
    """Append an event to the chain, in the transaction of the action itself."""
    if connection.dialect.name == "postgresql":
        await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = (await connection.execute(select(_AUDIT.c.id, _AUDIT.c.digest).order_by(_AUDIT.c.id.desc()).limit(1))).first()
    number, before = (last.id + 1, last.digest) if last else (1, "")
    await connection.execute(_AUDIT.insert().values(id=number, digest=_digest(before, number, event), **vars(event)))


async def list_entries(connection: AsyncConnection, limit: int, before: int | None = None) -> list[AuditEntry]:
    """The latest events first, each checked against the one before it. Starts before the number `before`."""
    query = select(_AUDIT).order_by(_AUDIT.c.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(_AUDIT.c.id < before)
    rows = list(await connection.execute(query))
    audit_entries = []
    for at, row in enumerate(rows[:limit]):
        event = _event(row)
        older = rows[at + 1] if at + 1 < len(rows) else None
        follows = (older.id + 1 if older else 1) == row.id
        intact = follows and row.digest == _digest(older.digest if older else "", row.id, event)
        audit_entries.append(AuditEntry(row.id, event, intact))
    return audit_entries


@dataclass(frozen=True)
class Verified:
    """How many events were read in order, and the first number that is missing or changed, None if the chain is whole."""

    events: int
    broken: int | None = None
    missing: bool = False


async def verify_log(connection: AsyncConnection) -> Verified:
    """Check the chain from its beginning. Truncation at the end can only be detected by comparing with an export stored elsewhere."""
    read, before = 0, ""
    while True:
        query = select(_AUDIT).where(_AUDIT.c.id > read).order_by(_AUDIT.c.id).limit(_STEP)
        rows = (await connection.execute(query)).all()
        for row in rows:
            if row.id != read + 1:
                return Verified(read, read + 1, missing=True)
            if row.digest != _digest(before, row.id, _event(row)):
                return Verified(read, row.id)
            read, before = row.id, row.digest
        if len(rows) < _STEP:
            return Verified(read)


def _event(row: Row[tuple[object, ...]]) -> Event:
    return Event(row.at, row.login, row.address, row.action, row.subject, row.detail)


def _digest(before: str, number: int, event: Event) -> str:
    return hashlib.sha256(json.dumps([before, number, *astuple(event)]).encode()).hexdigest()
