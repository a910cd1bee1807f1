"""What a reconciliation asks of the store: which deliveries and heads are known, since when, and how far was read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.api_tables import BookmarkRow
from app.store.intake import REPEATABLE
from app.store.statements import insert, table
from app.store.tables import DeliveryRow, InstallationRow, JobRow, JobState, PullRequestRow, RunRow, RunState

_BOOKMARK, _DELIVERY, _INSTALLATION, _JOB, _PULL, _RUN = (
    table(row) for row in (BookmarkRow, DeliveryRow, InstallationRow, JobRow, PullRequestRow, RunRow)
)
_SWEEP_SECONDS = 600.0
# How the reason begins of a run whose settings file could not be read; a test holds it against what the reader says.
UNREAD_CONFIG = "`.github/council.yml` could not be read"
# GitHub's clock and ours differ by less.
_SKEW_SECONDS = 60.0
# Databases bound the parameters of a statement: SQLite and asyncpg at about 32,000.
_AT_ONCE = 1_000

Head = tuple[int, int, str]


async def bookmark(connection: AsyncConnection, name: str) -> float:
    """How far it was read; 0 for never."""
    return (await connection.execute(select(_BOOKMARK.c.at).where(_BOOKMARK.c.name == name))).scalar() or 0.0


async def has_moved(connection: AsyncConnection, name: str, mark: float) -> bool:
    """Whether somebody moved a bookmark since it was read: on PostgreSQL each statement sees its own moment, on SQLite all see one."""
    return connection.dialect.name != "sqlite" and await bookmark(connection, name) != mark


async def move_bookmark(connection: AsyncConnection, name: str, at: float) -> None:
    """Note how far it was read."""
    statement = insert(BookmarkRow, connection.dialect.name).values(name=name, at=at)
    await connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"at": at}))


async def known_guids(connection: AsyncConnection, guids: Collection[str]) -> frozenset[str]:
    """Those that were recorded, whatever GitHub heard of it."""
    found: set[str] = set()
    wanted = list(guids)
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(_DELIVERY.c.guid).where(_DELIVERY.c.guid.in_(wanted[start : start + _AT_ONCE]))
        found |= set((await connection.execute(query)).scalars())
    return frozenset(found)


@dataclass(frozen=True)
class Heard:
    """A word of an installation that GitHub says was made at `created_at`."""

    installation_id: int
    account: str
    created_at: float
    now: float


async def known_since(connection: AsyncConnection, heard: Heard) -> float:
    """When we first heard of an installation.

    If this is the first word of it: when it was made, but not before this database heard of any. A backup is older than some.
    """
    mine = _INSTALLATION.c.id == heard.installation_id
    first = (await connection.execute(select(func.min(_INSTALLATION.c.known_since)).where(_INSTALLATION.c.known_since > 0.0))).scalar()
    since = min(heard.now, max(heard.created_at, heard.now if first is None else first))
    values = {"id": heard.installation_id, "account": heard.account, "suspended": False, "removed": False, "known_since": since}
    await connection.execute(insert(InstallationRow, connection.dialect.name).values(values).on_conflict_do_nothing())
    await connection.execute(update(_INSTALLATION).where(mine, _INSTALLATION.c.known_since == 0.0).values(known_since=since))
    known: float = (await connection.execute(select(_INSTALLATION.c.known_since).where(mine))).scalar_one()
    return known


async def known_heads(connection: AsyncConnection, heads: Mapping[Head, float], now: float) -> frozenset[Head]:
    """Of (repository id, number, head SHA) those that need nothing: a run or a job that was not called off, or that a rule skipped.

    `heads` holds the time at which each pull request was updated last. What a rule skipped is looked at again if that was later: its
    label may be gone, or it is a draft no more.
    A head is not known whose review was given up, whose settings file could not be read, or that our own table holds for an old one.
    The first two are taken up after ever longer times; with `now` as infinity every one is.
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
    return frozenset(found - await _held_for_old(connection, list(heads)))


def _is_worth_a_try(now: float) -> ColumnElement[bool]:
    """Dead, or stopped by a settings file that could not be read, and for as long as it took, give or take one sweep.

    So the times between tries double.
    """
    unread = and_(_RUN.c.state == RunState.INCOMPLETE, _RUN.c.reason.startswith(UNREAD_CONFIG))
    return and_(or_(_RUN.c.state == RunState.DEAD, unread), now + _SWEEP_SECONDS >= 2 * _RUN.c.updated_at - _RUN.c.created_at)


async def _held_for_old(connection: AsyncConnection, heads: Sequence[Head]) -> set[Head]:
    """Those of which our own table says that another head is wanted, or that the pull request is closed."""
    query = select(_PULL).where(tuple_(_PULL.c.repository_id, _PULL.c.number).in_([head[:2] for head in heads]))
    rows = {(row.repository_id, row.number): row for row in await connection.execute(query)}
    return {head for head in heads if (row := rows.get(head[:2])) is not None and (row.wanted_sha != head[2] or not row.open)}
