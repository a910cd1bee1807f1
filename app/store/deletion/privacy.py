"""Counts, exports and deletes what is stored about one repository, for the people concerned."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Table, case, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.deletion import forget_consultations, retention
from app.store.engine.upsert import sql_table
from app.store.reviews.transcripts import MARK, transcripts_of
from app.store.tables.consultations import ConsultationRow
from app.store.tables.core import FindingRow, RepositoryRow, RunRow, RunState, SeatAnswerRow
from app.store.tables.pages import AuditRow, RedCheckRow

_RUN, _FINDING, _ANSWER, _CONSULTATION, _RED = (sql_table(row) for row in (RunRow, FindingRow, SeatAnswerRow, ConsultationRow, RedCheckRow))
_REPOSITORY, _AUDIT = sql_table(RepositoryRow), sql_table(AuditRow)
# The audit log's name for deleting all data of a repository.
DELETED = "records deleted"
_ENDED = [state for state in RunState if state.ended]
# A page that counts to the end is slow, and larger numbers change no decision.
MOST_COUNTED = 10_000
# Characters of transcripts held at once. A single run may hold more.
_PORTION = 8_000_000


@dataclass(frozen=True)
class Holdings:
    """How much is stored, each counted up to MOST_COUNTED.

    `transcripts` are runs that still hold what models were shown and said; `sealed` are the encrypted ones among them.
    """

    runs: int
    transcripts: int
    sealed: int
    findings: int
    consultations: int


async def holdings(connection: AsyncConnection, repository_id: int) -> Holdings:
    """Count what is stored."""

    async def count(rows: Table) -> int:
        some = select(literal(1)).select_from(rows).where(rows.c.repository_id == repository_id).limit(MOST_COUNTED).subquery()
        return int((await connection.execute(select(func.count()).select_from(some))).scalar_one())

    full = or_(_RUN.c.snapshot.is_not(None), _RUN.c.verdict.is_not(None))
    is_sealed = or_(*(func.coalesce(func.substr(column, 1, len(MARK)), "") == MARK for column in (_RUN.c.snapshot, _RUN.c.verdict)))
    each = select(case((is_sealed, 1), else_=0).label("sealed")).where(_RUN.c.repository_id == repository_id, full)
    some = each.limit(MOST_COUNTED).subquery()
    row = (await connection.execute(select(func.count(), func.coalesce(func.sum(some.c.sealed), 0)).select_from(some))).one()
    return Holdings(await count(_RUN), int(row[0]), int(row[1]), await count(_FINDING), await count(_CONSULTATION))


async def run_ids(connection: AsyncConnection, repository_id: int) -> Sequence[str]:
    """The repository's runs, oldest first."""
    query = select(_RUN.c.id).where(_RUN.c.repository_id == repository_id).order_by(_RUN.c.created_at, _RUN.c.id)
    return list((await connection.execute(query)).scalars())


async def export_portions(connection: AsyncConnection, run_ids: Sequence[str]) -> list[list[str]]:
    """Runs, a few hundred at most, in the same order, split so that the content of each part easily fits into memory."""
    long = sum((func.coalesce(func.length(column), 0) for column in (_RUN.c.snapshot, _RUN.c.verdict)), literal(0))
    sizes = {row.id: row.long for row in await connection.execute(select(_RUN.c.id, long.label("long")).where(_RUN.c.id.in_(run_ids)))}
    parts: list[list[str]] = [[]]
    held = 0
    for run_id in run_ids:
        held += sizes.get(run_id, 0)
        if parts[-1] and held > _PORTION:
            parts.append([])
            held = sizes.get(run_id, 0)
        parts[-1].append(run_id)
    return parts


async def whole_runs(connection: AsyncConnection, run_ids: Sequence[str]) -> list[dict[str, object]]:
    """Everything stored of some runs, in the same order, except deleted ones. Snapshot, verdict and answers are JSON texts.

    Encrypted texts are decrypted. Texts that can no longer be decrypted are exported as stored.
    """
    door = transcripts_of(connection)
    found = {row.id: door.row(row.id, row._asdict()) for row in await connection.execute(select(_RUN).where(_RUN.c.id.in_(run_ids)))}
    for name, rows in (("answers", _ANSWER), ("red_checks", _RED)):
        held: dict[str, list[dict[str, object]]] = {each: [] for each in found}
        for row in await connection.execute(select(rows).where(rows.c.run_id.in_(run_ids)).order_by(*rows.primary_key.columns)):
            if row.run_id in held:
                held[row.run_id].append(door.row(row.run_id, row._asdict()))
        for each, made in found.items():
            made[name] = held[each]
    return [found[run_id] for run_id in run_ids if run_id in found]


async def repository_ids(connection: AsyncConnection) -> frozenset[int]:
    """The repositories that the App may see, as far as we know."""
    return frozenset((await connection.execute(select(_REPOSITORY.c.id))).scalars())


async def deletions(connection: AsyncConnection) -> dict[int, float]:
    """When a person last deleted the data of a repository, by the repository's id."""
    same = func.lower(_REPOSITORY.c.full_name) == func.lower(_AUDIT.c.subject)
    query = select(_REPOSITORY.c.id, func.max(_AUDIT.c.at)).join(_AUDIT, same).where(_AUDIT.c.action == DELETED).group_by(_REPOSITORY.c.id)
    return {row[0]: row[1] for row in await connection.execute(query)}


async def forget_stored(connection: AsyncConnection, repository_id: int) -> None:
    """Delete what was read, said and found in ended runs, and every question.

    The runs' rows and costs stay, because limits depend on them.
    """
    over = (_RUN.c.repository_id == repository_id, _RUN.c.state.in_(_ENDED))
    # A run that ends between two statements keeps all of its data.
    until = await connection.scalar(select(func.max(_RUN.c.updated_at)).where(*over)) or 0.0
    mine = (*over, _RUN.c.updated_at <= until)
    # As a query: a busy repository has tens of thousands of runs, and each list of ids is another statement.
    ended = select(_RUN.c.id).where(*mine)
    await retention.forget_said(connection, ended)
    for rows in (_FINDING, _RED):
        await connection.execute(rows.delete().where(rows.c.run_id.in_(ended)))
    # Together, because each change of a run also changes the indexes of its table.
    words = {"title": "", "author": "", "headline": "", "reason": "", "login": "", "snapshot": None, "verdict": None}
    await connection.execute(update(_RUN).where(*mine).values(words))
    await forget_consultations.forget_repository(connection, repository_id)
