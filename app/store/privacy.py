"""What is stored about one repository, for the people it is about: counted, exported, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import forgetting, retention
from app.store.memory_tables import ConsultationRow
from app.store.statements import table
from app.store.tables import FindingRow, RunRow, RunState, SeatAnswerRow
from app.store.web_tables import RedCheckRow

_RUN, _FINDING, _ANSWER, _CONSULTATION, _RED = (table(row) for row in (RunRow, FindingRow, SeatAnswerRow, ConsultationRow, RedCheckRow))
_ENDED = [state for state in RunState if state.ended]
_AT_ONCE = 500


@dataclass(frozen=True)
class Holdings:
    """How much is kept; `transcripts` are runs that still hold what models were shown and said."""

    runs: int
    transcripts: int
    findings: int
    consultations: int


async def holdings(connection: AsyncConnection, repository_id: int) -> Holdings:
    """Count what is kept."""

    async def count(rows: Table, *where: object) -> int:
        query = select(func.count()).select_from(rows).where(rows.c.repository_id == repository_id, *where)  # type: ignore[arg-type]
        return int((await connection.execute(query)).scalar_one())

    full = or_(_RUN.c.snapshot.is_not(None), _RUN.c.verdict.is_not(None))
    return Holdings(await count(_RUN), await count(_RUN, full), await count(_FINDING), await count(_CONSULTATION))


async def run_ids(connection: AsyncConnection, repository_id: int) -> Sequence[str]:
    """The repository's runs, the oldest first."""
    query = select(_RUN.c.id).where(_RUN.c.repository_id == repository_id).order_by(_RUN.c.created_at, _RUN.c.id)
    return list((await connection.execute(query)).scalars())


async def run(connection: AsyncConnection, run_id: str) -> dict[str, object]:
    """All that is kept of one run, {} when it is gone meanwhile; snapshot, verdict and answers are JSON texts."""
    row = (await connection.execute(select(_RUN).where(_RUN.c.id == run_id))).first()
    if row is None:
        return {}
    answers = await connection.execute(select(_ANSWER).where(_ANSWER.c.run_id == run_id))
    red = await connection.execute(select(_RED).where(_RED.c.run_id == run_id))
    more = {"answers": answers, "red_checks": red}
    return {**dict(row._mapping), **{name: [dict(each._mapping) for each in rows] for name, rows in more.items()}}


async def forget(connection: AsyncConnection, repository_id: int) -> None:
    """Delete what was read, said and found in ended runs, and every question.

    That a run took place and what it cost stays: limits are counted by it.
    """
    query = select(_RUN.c.id).where(_RUN.c.repository_id == repository_id, _RUN.c.state.in_(_ENDED))
    ended = list((await connection.execute(query)).scalars())
    for first in range(0, len(ended), _AT_ONCE):
        some = ended[first : first + _AT_ONCE]
        await retention.forget_transcripts(connection, some)
        for rows in (_FINDING, _RED):
            await connection.execute(rows.delete().where(rows.c.run_id.in_(some)))
        words = {"title": "", "author": "", "headline": "", "reason": "", "login": ""}
        await connection.execute(update(_RUN).where(_RUN.c.id.in_(some)).values(words))
    await forgetting.forget_repository(connection, repository_id)
