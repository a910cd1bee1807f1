"""Lists runs for people: filtered, searched, and paged by key, however many there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.reviews import run_search
from app.store.tables.core import LedgerRow, RepositoryRow, RunRow, RunState

_RUN, _LEDGER, _REPOSITORY = sql_table(RunRow), sql_table(LedgerRow), sql_table(RepositoryRow)
_SHOWN = ("id", "repository_id", "repository", "number", "head_sha", "title", "author", "login", "cause", "state", "reason", "headline")
# SQLite joins at most 500 selects: https://www.sqlite.org/limits.html
_AT_ONCE = 100


@dataclass(frozen=True)
class Filter:
    """Which runs to list. "" and None do not filter. `before` is the position (time, id) of the last one seen."""

    state: str = ""
    cause: str = ""
    author: str = ""
    words: str = ""
    since: float | None = None
    until: float | None = None
    before: tuple[float, str] | None = None


@dataclass(frozen=True)
class RunSummary:
    """A run in a list. `usd` is its cost so far."""

    id: str
    repository_id: int
    repository: str
    number: int
    head_sha: str
    title: str
    author: str
    login: str
    cause: str
    state: RunState
    reason: str
    headline: str
    created_at: float
    updated_at: float
    usd: float


@dataclass(frozen=True)
class RunPage:
    """Lines, newest first, and the position where the next page begins, None on the last."""

    lines: tuple[RunSummary, ...]
    following: tuple[float, str] | None


async def page(connection: AsyncConnection, repository_ids: Sequence[int], asked: Filter, most: int = 50) -> RunPage:
    """A page of the runs of these repositories. No other repository's runs are read."""
    if not repository_ids:
        return RunPage((), None)
    where = _where(asked)
    if asked.words:
        where.append(_RUN.c.id.in_(await run_search.find(connection, repository_ids, asked.words)))
    keys: list[tuple[float, str]] = []
    for first in range(0, len(repository_ids), _AT_ONCE):
        keys += await _newest(connection, repository_ids[first : first + _AT_ONCE], where, most + 1)
    keys = sorted(keys, reverse=True)[: most + 1]
    found_lines = await lines(connection, [key for _, key in keys[:most]])
    return RunPage(found_lines, keys[most - 1] if len(keys) > most else None)


async def _newest(
    connection: AsyncConnection, repository_ids: Sequence[int], where: Sequence[ColumnElement[bool]], most: int
) -> list[tuple[float, str]]:
    # One query per repository, each along its index, beats one over all of them: the first is short wherever the runs are.
    looks = [_look(repository_id, where, most) for repository_id in repository_ids]
    found = union_all(*(select(look.subquery()) for look in looks)).subquery()
    query = select(found).order_by(found.c.created_at.desc(), found.c.id.desc()).limit(most)
    return [(float(row.created_at), str(row.id)) for row in await connection.execute(query)]


def _where(asked: Filter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    where += [_RUN.c[name] == value for name in ("state", "cause", "author") if (value := getattr(asked, name))]
    if asked.since is not None:
        where.append(_RUN.c.created_at >= asked.since)
    if asked.until is not None:
        where.append(_RUN.c.created_at < asked.until)
    if asked.before is not None:
        where.append(tuple_(_RUN.c.created_at, _RUN.c.id) < asked.before)
    return where


def _look(repository_id: int, where: Sequence[ColumnElement[bool]], most: int) -> Select[tuple[str, float]]:
    newest = (_RUN.c.created_at.desc(), _RUN.c.id.desc())
    return select(_RUN.c.id, _RUN.c.created_at).where(_RUN.c.repository_id == repository_id, *where).order_by(*newest).limit(most)


async def lines(connection: AsyncConnection, ids: Sequence[str]) -> tuple[RunSummary, ...]:
    """Runs by their ids, in that order. Missing ones are left out."""
    if not ids:
        return ()
    usd = func.coalesce(func.sum(func.coalesce(_LEDGER.c.spent_usd, _LEDGER.c.reserved_usd)), 0.0)
    spent = select(usd).where(_LEDGER.c.run_id == _RUN.c.id).scalar_subquery()
    columns = [_RUN.c[name] for name in (*_SHOWN, "created_at", "updated_at")]
    rows = await connection.execute(select(*columns, spent.label("usd")).where(_RUN.c.id.in_(ids)))
    lines = {row.id: _line(row) for row in rows}
    return tuple(lines[each] for each in ids if each in lines)


def _line(row: "Row[*tuple[Any, ...]]") -> RunSummary:
    return RunSummary(
        id=row.id,
        repository_id=row.repository_id,
        repository=row.repository,
        number=row.number,
        head_sha=row.head_sha,
        title=row.title,
        author=row.author,
        login=row.login,
        cause=row.cause,
        state=RunState(row.state),
        reason=row.reason,
        headline=row.headline,
        created_at=row.created_at,
        updated_at=row.updated_at,
        usd=float(row.usd),
    )


@dataclass(frozen=True)
class VisibleRepository:
    """A repository that the App may see."""

    id: int
    installation_id: int
    full_name: str


async def repositories(connection: AsyncConnection, installation_ids: Sequence[int]) -> tuple[VisibleRepository, ...]:
    """The known repositories of installations, by name."""
    query = select(_REPOSITORY.c.id, _REPOSITORY.c.installation_id, _REPOSITORY.c.full_name)
    query = query.where(_REPOSITORY.c.installation_id.in_(installation_ids), _REPOSITORY.c.removed.is_(False))
    return tuple(VisibleRepository(*row) for row in await connection.execute(query.order_by(_REPOSITORY.c.full_name)))


async def repository(connection: AsyncConnection, full_name: str) -> VisibleRepository | None:
    """The known repository with that name."""
    query = select(_REPOSITORY.c.id, _REPOSITORY.c.installation_id, _REPOSITORY.c.full_name)
    row = (await connection.execute(query.where(_REPOSITORY.c.full_name == full_name, _REPOSITORY.c.removed.is_(False)))).first()
    return None if row is None else VisibleRepository(*row)
