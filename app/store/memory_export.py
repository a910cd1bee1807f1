"""Everything that is remembered of a repository, for the people it is about."""

from collections.abc import Sequence

from sqlalchemy import Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from app.store.memory_tables import ConsultationCritiqueRow, ConsultationOpinionRow, ConsultationOutcomeRow, ConsultationRow
from app.store.statements import table
from app.store.transcripts import Transcripts, transcripts_of

_CONSULTATION = table(ConsultationRow)
_PARTS: dict[str, type[SQLModel]] = {
    "opinions": ConsultationOpinionRow,
    "critiques": ConsultationCritiqueRow,
    "outcomes": ConsultationOutcomeRow,
}


async def repositories_named(connection: AsyncConnection, name: str) -> list[int]:
    """The ids of the repositories of that name, whatever its case, that anything was asked in."""
    query = select(_CONSULTATION.c.repository_id).where(func.lower(_CONSULTATION.c.repository) == name.lower()).distinct()
    return list((await connection.execute(query)).scalars())


async def everything(connection: AsyncConnection, repository_id: int) -> list[dict[str, object]]:
    """Each consultation with what every expert said in it and what people said of it, the oldest first."""
    query = select(_CONSULTATION).where(_CONSULTATION.c.repository_id == repository_id).order_by(_CONSULTATION.c.created_at)
    door = transcripts_of(connection)
    made = [_plain(door, row, row.id) for row in (await connection.execute(query)).all()]
    for each in made:
        for name, part in _PARTS.items():
            rows = table(part)
            said = await connection.execute(select(rows).where(rows.c.consultation_id == each["id"]))
            each[name] = [_plain(door, row, row.consultation_id) for row in said]
    return made


def _plain(door: Transcripts, row: Row[tuple[object, ...]], owner: str) -> dict[str, object]:
    return door.row(owner, dict(zip(_names(row), row, strict=True)))


def _names(row: Row[tuple[object, ...]]) -> Sequence[str]:
    return row._fields
