"""Queries on the signs of whether findings were right, and on the findings concerned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.core import FindingRow, RepositoryRow, RunRow, RunState, VoteRow
from app.store.tables.decisions import OutcomeRow
from reviewers.council.selection import Selection
from reviewers.learning.feedback import FindingSign, Source

_OUTCOME, _FINDING, _VOTE, _RUN, _REPOSITORY = (sql_table(row) for row in (OutcomeRow, FindingRow, VoteRow, RunRow, RepositoryRow))
_MOST = 20_000
Key = tuple[int, int, str, str]


@dataclass(frozen=True)
class StoredFinding:
    """A stored finding. Seats are separated by commas, each by its model string if known.

    `score` is what it was ranked by, in [0, 1]; None for an answer and for findings stored before schema 0020.
    """

    fingerprint: str
    category: str
    path: str
    raised_by: str
    confirmed_by: str
    rejected_by: str
    score: float | None = None


async def find_finding(connection: AsyncConnection, repository_id: int, number: int, beginning: str) -> StoredFinding | None:
    """The finding of a pull request with this fingerprint prefix, as its first run stored it."""
    where = (_FINDING.c.repository_id == repository_id, _FINDING.c.number == number)
    query = select(_FINDING, _RUN.c.created_at, _RUN.c.selection).join(_RUN, _RUN.c.id == _FINDING.c.run_id)
    row = (await connection.execute(query.where(*where, _begins(beginning)).order_by(_RUN.c.created_at).limit(1))).first()
    if row is None:
        return None
    cast = select(_VOTE.c.seat, _VOTE.c.stance).where(_VOTE.c.run_id == row.run_id, _VOTE.c.short_id == row.short_id)
    votes = (await connection.execute(cast)).all()
    # A seat's name is the last part of its model string, which models of two providers may share.
    models = Selection.model_validate_json(row.selection).by_seat if row.selection else {}
    raised = _named(_split(row.raised_by), models)
    confirmed, rejected = (_named([vote.seat for vote in votes if vote.stance == stance], models) for stance in ("confirm", "reject"))
    return StoredFinding(row.fingerprint, row.category, row.path, raised, confirmed, rejected, row.score)


async def save_sign(connection: AsyncConnection, key: Key, found: StoredFinding, right: bool, now: float) -> None:
    """Record a sign. A later sign from the same source replaces it."""
    names = dict(zip(("repository_id", "number", "fingerprint", "source"), key, strict=True))
    changed = {
        "right": right,
        "raised_by": found.raised_by,
        "confirmed_by": found.confirmed_by,
        "rejected_by": found.rejected_by,
        "category": found.category,
        "path": found.path,
        "score": found.score,
        "at": now,
    }
    statement = insert_or(OutcomeRow, connection.dialect.name).values({**names, **changed})
    await connection.execute(statement.on_conflict_do_update(index_elements=list(names), set_=changed))


async def withdraw_sign(connection: AsyncConnection, key: Key) -> None:
    """Delete a sign."""
    columns = (_OUTCOME.c.repository_id, _OUTCOME.c.number, _OUTCOME.c.fingerprint, _OUTCOME.c.source)
    await connection.execute(delete(_OUTCOME).where(*(column == value for column, value in zip(columns, key, strict=True))))


async def find_resolved(connection: AsyncConnection, repository_id: int, number: int) -> frozenset[str]:
    """The fingerprints of a pull request's findings whose threads people resolved."""
    mine = (_OUTCOME.c.repository_id == repository_id, _OUTCOME.c.number == number, _OUTCOME.c.source == Source.RESOLVED)
    return frozenset((await connection.execute(select(_OUTCOME.c.fingerprint).where(*mine))).scalars())


async def list_signs(connection: AsyncConnection, repository_id: int, installation_id: int) -> tuple[FindingSign, ...]:
    """The newest signs of a repository and of the others of its installation. Other owners' signs are not used."""
    same = select(_REPOSITORY.c.id).where(_REPOSITORY.c.installation_id == installation_id)
    mine = or_(_OUTCOME.c.repository_id == repository_id, _OUTCOME.c.repository_id.in_(same))
    rows = await connection.execute(select(_OUTCOME).where(mine).order_by(_OUTCOME.c.at.desc()).limit(_MOST))
    return tuple(
        FindingSign(
            where=f"{row.repository_id}:{row.number}:{row.fingerprint}",
            repository=row.repository_id,
            source=Source(row.source),
            right=row.right,
            raised_by=_split(row.raised_by),
            confirmed_by=_split(row.confirmed_by),
            rejected_by=_split(row.rejected_by),
            category=row.category,
            path=row.path,
            score=row.score,
        )
        for row in rows
    )


@dataclass(frozen=True)
class Commented:
    """A pull request with our comments on its diff. `full_name` is the repository's last known name."""

    installation_id: int
    repository_id: int
    full_name: str
    number: int


async def commented_since(connection: AsyncConnection, since: float) -> tuple[Commented, ...]:
    """Pull requests with inline findings that were published since then."""
    query = (
        select(_RUN.c.installation_id, _RUN.c.repository_id, func.coalesce(_REPOSITORY.c.full_name, _RUN.c.repository), _RUN.c.number)
        .join(_REPOSITORY, _REPOSITORY.c.id == _RUN.c.repository_id, isouter=True)
        .join(_FINDING, _FINDING.c.run_id == _RUN.c.id)
        .where(_FINDING.c.inline.is_(True), _RUN.c.state == RunState.PUBLISHED, _RUN.c.updated_at >= since)
        .distinct()
    )
    return tuple(Commented(*row) for row in await connection.execute(query))


def _begins(beginning: str) -> ColumnElement[bool]:
    return _FINDING.c.fingerprint.startswith(beginning, autoescape=True)


def _named(seats: Sequence[str], models: Mapping[str, str]) -> str:
    return ",".join(sorted(models.get(seat, seat) for seat in seats))


def _split(names: str) -> tuple[str, ...]:
    return tuple(name for name in names.split(",") if name)
