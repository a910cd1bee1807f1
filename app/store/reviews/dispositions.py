"""Queries on the decisions about findings of a repository."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Row, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.core import FindingRow
from app.store.tables.decisions import DispositionRow
from reviewers.learning.feedback import Decision, Disposition
from reviewers.values.finding import Finding

_DISPOSITION, _FINDING = sql_table(DispositionRow), sql_table(FindingRow)
_MOST = 500


async def save_decision(connection: AsyncConnection, repository_id: int, made: Disposition, now: float, *, sealed: bool) -> None:
    """Record a decision. A later decision on the same finding replaces it. `sealed` is whether the finding is stored encrypted."""
    door, owner = transcripts_of(connection), _owner(repository_id, made.number, made.fingerprint)
    changed = {
        "short_id": made.short_id,
        "kind": made.kind,
        "login": made.login,
        "reason": door.kept(owner, "reason", made.reason, sealed=sealed),
        "path": made.finding.location.path or "",
        "finding": door.kept(owner, "finding", made.finding.model_dump_json(), sealed=sealed),
        "at": now,
    }
    key = {"repository_id": repository_id, "number": made.number, "fingerprint": made.fingerprint}
    statement = insert_or(DispositionRow, connection.dialect.name).values({**key, **changed})
    await connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


async def withdraw_decision(connection: AsyncConnection, repository_id: int, number: int, fingerprint: str) -> None:
    """Delete a decision."""
    mine = (_DISPOSITION.c.repository_id == repository_id, _DISPOSITION.c.number == number, _DISPOSITION.c.fingerprint == fingerprint)
    await connection.execute(delete(_DISPOSITION).where(*mine))


async def decisions_about(connection: AsyncConnection, repository_id: int, number: int) -> tuple[Disposition, ...]:
    """The decisions of one pull request, and those of others about identical findings, oldest first."""
    prints = select(_FINDING.c.fingerprint).where(_FINDING.c.repository_id == repository_id, _FINDING.c.number == number)
    return await _those(connection, repository_id, or_(_DISPOSITION.c.number == number, _DISPOSITION.c.fingerprint.in_(prints)))


async def of_paths(connection: AsyncConnection, repository_id: int, number: int, paths: Sequence[str]) -> tuple[Disposition, ...]:
    """The decisions of one pull request, and those of others about the same files, oldest first."""
    return await _those(connection, repository_id, or_(_DISPOSITION.c.number == number, _DISPOSITION.c.path.in_(list(paths)[:_MOST])))


async def _those(connection: AsyncConnection, repository_id: int, which: ColumnElement[bool]) -> tuple[Disposition, ...]:
    query = select(_DISPOSITION).where(_DISPOSITION.c.repository_id == repository_id, which)
    rows = await connection.execute(query.order_by(_DISPOSITION.c.at))
    return tuple(disposition for row in rows if (disposition := _read(connection, row)) is not None)


def _read(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> Disposition | None:
    """A decision. None if its finding can no longer be decrypted."""
    owner = _owner(row.repository_id, row.number, row.fingerprint)
    texts = transcripts_of(connection).texts(owner, reason=row.reason, finding=row.finding)
    if texts.lost:
        return None
    return Disposition(
        number=row.number,
        fingerprint=row.fingerprint,
        short_id=row.short_id,
        kind=Decision(row.kind),
        login=row.login,
        reason=texts["reason"] or "",
        finding=Finding.model_validate_json(texts["finding"] or ""),
    )


def _owner(repository_id: int, number: int, fingerprint: str) -> str:
    return f"{repository_id}/{number}/{fingerprint}"
