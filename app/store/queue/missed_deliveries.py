"""Queries for the reconciliation: which deliveries and heads are known, since when, and how far the lists were read."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import FromClause

from app.store.engine.upsert import insert_or, sql_table
from app.store.queue.deliveries import REPEATABLE
from app.store.reviews.runs import REFUSED, SHOWN
from app.store.tables.core import DeliveryRow, InstallationRow, JobRow, JobState, PublicationRow, PullRequestRow, RunRow, RunState
from app.store.tables.github_api import BookmarkRow

_BOOKMARK, _DELIVERY, _INSTALLATION, _JOB, _PUBLICATION, _PULL, _RUN = (
    sql_table(row) for row in (BookmarkRow, DeliveryRow, InstallationRow, JobRow, PublicationRow, PullRequestRow, RunRow)
)
_SWEEP_SECONDS = 600.0
# The beginning of a run's reason if its settings file could not be read. A test compares it with the reader's text.
UNREAD_CONFIG = "`.github/council.yml` could not be read"
# GitHub's clock and ours differ by less.
_SKEW_SECONDS = 60.0
# Databases limit the parameters of a statement: SQLite and asyncpg allow about 32,000.
_AT_ONCE = 1_000

Head = tuple[int, int, str]


async def bookmark(connection: AsyncConnection, name: str) -> float:
    """How far the list was read, 0 for never."""
    return (await connection.execute(select(_BOOKMARK.c.at).where(_BOOKMARK.c.name == name))).scalar() or 0.0


async def has_moved(connection: AsyncConnection, name: str, mark: float) -> bool:
    """Whether a bookmark was moved since it was read. On PostgreSQL each statement has a separate snapshot, on SQLite all share one."""
    return connection.dialect.name != "sqlite" and await bookmark(connection, name) != mark


async def move_bookmark(connection: AsyncConnection, name: str, at: float) -> None:
    """Record how far the list was read."""
    statement = insert_or(BookmarkRow, connection.dialect.name).values(name=name, at=at)
    await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


async def known_guids(connection: AsyncConnection, guids: Collection[str]) -> frozenset[str]:
    """The GUIDs that are stored, whatever response GitHub got."""
    found: set[str] = set()
    wanted = list(guids)
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(_DELIVERY.c.guid).where(_DELIVERY.c.guid.in_(wanted[start : start + _AT_ONCE]))
        found |= set((await connection.execute(query)).scalars())
    return frozenset(found)


@dataclass(frozen=True)
class Heard:
    """A delivery of an installation, with the time GitHub says it was created at."""

    installation_id: int
    account: str
    created_at: float
    now: float


async def known_since(connection: AsyncConnection, heard: Heard) -> float:
    """Since when we have known an installation.

    For its first delivery, this is the time it was created, but not before this database's own first delivery: a restored backup is older
    than some.
    """
    mine = _INSTALLATION.c.id == heard.installation_id
    first = (await connection.execute(select(func.min(_INSTALLATION.c.known_since)).where(_INSTALLATION.c.known_since > 0.0))).scalar()
    since = min(heard.now, max(heard.created_at, heard.now if first is None else first))
    values = {"id": heard.installation_id, "account": heard.account, "suspended": False, "removed": False, "known_since": since}
    await connection.execute(insert_or(InstallationRow, connection.dialect.name).values(values).on_conflict_do_nothing())
    await connection.execute(update(_INSTALLATION).where(mine, _INSTALLATION.c.known_since == 0.0).values(known_since=since))
    known: float = (await connection.execute(select(_INSTALLATION.c.known_since).where(mine))).scalar_one()
    return known


async def known_heads(connection: AsyncConnection, heads: Mapping[Head, float], now: float) -> frozenset[Head]:
    """The heads, as (repository id, number, head SHA), that need nothing: they have a run or a job that was not cancelled, or a rule
    skipped them.

    `heads` holds the time of each pull request's last update. A head that a rule skipped is checked again if the update was later: its
    label may be gone, or it is no longer a draft. A head counts as unknown if its review failed, if its settings file could not be read, or
    if our own table has a different current head. The first two are retried at growing intervals; with `now` as infinity, all are, and a
    head counts as unknown, too, if the summary of its pull request shows a different one.
    """
    if not heads:
        return frozenset()
    called_off = _RUN.c.state.in_([RunState.CANCELLED, RunState.SUPERSEDED])
    by_rule = _RUN.c.reason.startswith("skipped: ")
    may_change = and_(by_rule, ~_RUN.c.reason.startswith("skipped: its author "))
    runs = select(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha, case((may_change, _RUN.c.updated_at)).label("skipped_at")).where(
        tuple_(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha).in_(list(heads)),
        or_(and_(~called_off, ~_is_worth_a_try(now)), by_rule),
    )
    keys = {f"review:{repository}:{number}:{sha}:auto": (repository, number, sha) for repository, number, sha in heads}
    jobs = select(_JOB.c.key).where(_JOB.c.key.in_(list(keys)), _JOB.c.state.not_in([*REPEATABLE, JobState.DEAD]))
    rows = [((row.repository_id, row.number, row.head_sha), row.skipped_at) for row in await connection.execute(runs)]
    found = {head for head, skipped_at in rows if skipped_at is None or heads[head] <= skipped_at - _SKEW_SECONDS}
    found |= {keys[key] for key in (await connection.execute(jobs)).scalars()}
    if now == math.inf:
        found -= await _shown_over(connection, list(heads))
    return frozenset(found - await _held_for_old(connection, list(heads)))


def _is_worth_a_try(now: float) -> ColumnElement[bool]:
    """Whether the run is dead, or stopped by an unreadable settings file, and has been so for as long as it took, give or take one sweep.

    The time between tries therefore doubles.
    """
    unread = and_(_RUN.c.state == RunState.INCOMPLETE, _RUN.c.reason.startswith(UNREAD_CONFIG))
    return and_(or_(_RUN.c.state == RunState.DEAD, unread), now + _SWEEP_SECONDS >= 2 * _RUN.c.updated_at - _RUN.c.created_at)


async def _shown_over(connection: AsyncConnection, heads: Sequence[Head]) -> set[Head]:
    """The reviewed heads whose pull request shows a later verdict on another head, or none: GitHub refused to show theirs."""
    own, other = _RUN.alias("own"), _RUN.alias("other")

    def shown(run: FromClause) -> tuple[ColumnElement[bool], ...]:
        place = (run.c.repository_id == _RUN.c.repository_id, run.c.number == _RUN.c.number)
        return *place, run.c.state.in_(SHOWN), run.c.verdict.is_not(None)

    newest = select(func.max(own.c.updated_at)).where(*shown(own), own.c.head_sha == _RUN.c.head_sha).correlate(_RUN).scalar_subquery()
    over = select(other.c.id).where(*shown(other), other.c.head_sha != _RUN.c.head_sha, other.c.updated_at > newest).correlate(_RUN)
    posted = select(_PUBLICATION.c.owner).where(_PUBLICATION.c.owner == _RUN.c.id, _PUBLICATION.c.surface == "summary", _PUBLICATION.c.done)
    is_refused = and_(_RUN.c.reason.startswith(REFUSED), ~posted.exists())
    query = select(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha).where(
        tuple_(_RUN.c.repository_id, _RUN.c.number, _RUN.c.head_sha).in_(heads), _RUN.c.state.in_(SHOWN), or_(over.exists(), is_refused)
    )
    return {(row.repository_id, row.number, row.head_sha) for row in await connection.execute(query)}


async def _held_for_old(connection: AsyncConnection, heads: Sequence[Head]) -> set[Head]:
    """The heads for which our own table has a different current head, or a closed pull request."""
    query = select(_PULL).where(tuple_(_PULL.c.repository_id, _PULL.c.number).in_([head[:2] for head in heads]))
    rows = {(row.repository_id, row.number): row for row in await connection.execute(query)}
    return {head for head in heads if (row := rows.get(head[:2])) is not None and (row.wanted_sha != head[2] or not row.open)}
