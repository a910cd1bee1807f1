"""Deletes consultations: their transcripts, some of them, or all of a repository."""

from collections.abc import Collection, Sequence

from sqlalchemy import Select, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.questions import memory_search
from app.store.tables.consultations import (
    ConsultationCritiqueRow,
    ConsultationOpinionRow,
    ConsultationOutcomeRow,
    ConsultationRow,
    ConsultationTermRow,
)
from app.store.tables.core import SeatAnswerRow

_CONSULTATION, _OPINION, _CRITIQUE, _OUTCOME = (
    sql_table(row) for row in (ConsultationRow, ConsultationOpinionRow, ConsultationCritiqueRow, ConsultationOutcomeRow)
)
_TERM, _ANSWER = sql_table(ConsultationTermRow), sql_table(SeatAnswerRow)
_AT_ONCE = 500


async def forget_transcripts(connection: AsyncConnection, consultation_ids: Collection[str]) -> None:
    """Delete what the experts were shown and said. The question's row and its outcome stay."""
    if not consultation_ids:
        return
    for rows in (_OPINION, _CRITIQUE):
        await connection.execute(delete(rows).where(rows.c.consultation_id.in_(consultation_ids)))
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.run_id.in_(consultation_ids)))
    gone = update(_CONSULTATION).where(_CONSULTATION.c.id.in_(consultation_ids)).values(dossier=None, advice=None)
    await connection.execute(gone)


async def expired_consultations(connection: AsyncConnection, now: float, oldest: float) -> list[str]:
    """Up to 500 expired consultations, by their repository's limit or the instance's, which keeps none from before `oldest`."""
    over = or_(_CONSULTATION.c.kept_until < now, _CONSULTATION.c.created_at < oldest)
    return list((await connection.execute(select(_CONSULTATION.c.id).where(over).limit(_AT_ONCE))).scalars())


async def forget_consultations(connection: AsyncConnection, consultation_ids: Sequence[str]) -> None:
    """Delete consultations, at most 500, with everything said in and about them."""
    if consultation_ids:
        await memory_search.forget_answers(connection, consultation_ids)
        await _delete(connection, consultation_ids)


async def forget_repository(connection: AsyncConnection, repository_id: int) -> int:
    """Delete every question of a repository. Returns how many there were."""
    mine = select(_CONSULTATION.c.id).where(_CONSULTATION.c.repository_id == repository_id)
    count = await connection.scalar(select(func.count()).select_from(mine.subquery()))
    await connection.execute(delete(_TERM).where(_TERM.c.repository_id == repository_id))
    await memory_search.unindex(connection, mine)
    await _delete(connection, mine)
    return int(count or 0)


async def _delete(connection: AsyncConnection, consultation_ids: Sequence[str] | Select[tuple[str]]) -> None:
    for rows in (_OPINION, _CRITIQUE, _OUTCOME):
        await connection.execute(delete(rows).where(rows.c.consultation_id.in_(consultation_ids)))
    await connection.execute(delete(_ANSWER).where(_ANSWER.c.run_id.in_(consultation_ids)))
    await connection.execute(delete(_CONSULTATION).where(_CONSULTATION.c.id.in_(consultation_ids)))
