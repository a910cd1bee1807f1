"""Exports everything that is stored about a repository's consultations, for the people concerned."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app.store.engine.upsert import sql_table
from app.store.reviews.transcripts import transcripts_of
from app.store.tables.consultations import (
    ConsultationCritiqueRow,
    ConsultationOpinionRow,
    ConsultationOutcomeRow,
    ConsultationRow,
)

_CONSULTATION = sql_table(ConsultationRow)
_PARTS: dict[str, type[SQLModel]] = {
    "opinions": ConsultationOpinionRow,
    "critiques": ConsultationCritiqueRow,
    "outcomes": ConsultationOutcomeRow,
}
_AT_ONCE = 100


async def repositories_named(connection: AsyncConnection, name: str) -> list[int]:
    """The ids of the repositories with this name, in any case, that have consultations."""
    query = select(_CONSULTATION.c.repository_id).where(func.lower(_CONSULTATION.c.repository) == name.lower()).distinct()
    return list((await connection.execute(query)).scalars())


async def consultation_ids(connection: AsyncConnection, repository_id: int) -> list[str]:
    """The repository's consultations, oldest first."""
    query = select(_CONSULTATION.c.id).where(_CONSULTATION.c.repository_id == repository_id)
    return list((await connection.execute(query.order_by(_CONSULTATION.c.created_at, _CONSULTATION.c.id))).scalars())


async def export_some(connection: AsyncConnection, ids: Sequence[str]) -> list[dict[str, object]]:
    """Some consultations, a few hundred at most, with all opinions and feedback, in the same order.

    Encrypted texts are decrypted. Texts that can no longer be decrypted are exported as stored.
    """
    door = transcripts_of(connection)
    query = select(_CONSULTATION).where(_CONSULTATION.c.id.in_(ids))
    found = {row.id: door.row(row.id, row._asdict()) for row in await connection.execute(query)}
    for name, part in _PARTS.items():
        rows = sql_table(part)
        said: dict[str, list[dict[str, object]]] = {each: [] for each in found}
        parts = select(rows).where(rows.c.consultation_id.in_(ids)).order_by(*rows.primary_key.columns)
        for row in await connection.execute(parts):
            if row.consultation_id in said:
                said[row.consultation_id].append(door.row(row.consultation_id, row._asdict()))
        for each, made in found.items():
            made[name] = said[each]
    return [found[each] for each in ids if each in found]


async def export_all(connection: AsyncConnection, repository_id: int) -> list[dict[str, object]]:
    """All of them."""
    ids = await consultation_ids(connection, repository_id)
    return [each for first in range(0, len(ids), _AT_ONCE) for each in await export_some(connection, ids[first : first + _AT_ONCE])]
