"""Stores what the settings pages set at each level, and who changed it. Nobody overwrites a version they have not seen."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import sql_table
from app.store.tables.pages import SettingChangeRow, SettingRow

_SETTING, _CHANGE = sql_table(SettingRow), sql_table(SettingChangeRow)


def of_installation(installation_id: int) -> str:
    """The scope of an organization's settings."""
    return f"installation:{installation_id}"


def of_repository(repository_id: int) -> str:
    """The scope of a repository's settings."""
    return f"repository:{repository_id}"


@dataclass(frozen=True)
class StoredLevel:
    """The YAML of a level. Version 0 was never set."""

    text: str = ""
    version: int = 0


@dataclass(frozen=True)
class Change:
    """A changed key. Values are JSON, "" if nothing was set."""

    key: str
    before: str
    after: str


@dataclass(frozen=True)
class Changed:
    """A change in the log."""

    change: Change
    login: str
    at: float


class Stale(Exception):
    """Somebody else saved since the page was opened."""


async def texts_of(connection: AsyncConnection, scopes: Sequence[str]) -> dict[str, str]:
    """The YAML of these levels. Levels that were never set are left out."""
    rows = await connection.execute(select(_SETTING.c.scope, _SETTING.c.text).where(_SETTING.c.scope.in_(scopes)))
    return {row.scope: row.text for row in rows}


async def read_level(connection: AsyncConnection, scope: str) -> StoredLevel:
    """The stored settings of a level."""
    row = (await connection.execute(select(_SETTING).where(_SETTING.c.scope == scope))).first()
    return StoredLevel(row.text, row.version) if row else StoredLevel()


@dataclass(frozen=True)
class Save:
    """A level's new content, from somebody who saw version `seen`."""

    scope: str
    text: str
    seen: int
    login: str
    changes: Sequence[Change]


async def save_level(connection: AsyncConnection, wanted: Save, ids: Sequence[str], now: float) -> None:
    """Store a level and log its changes. Raises Stale if it is not the version that was seen. Takes one id per change."""
    found = (await connection.execute(select(_SETTING.c.version).where(_SETTING.c.scope == wanted.scope).with_for_update())).first()
    if (found.version if found else 0) != wanted.seen:
        raise Stale
    values = {"text": wanted.text, "version": wanted.seen + 1}
    if found:
        await connection.execute(_SETTING.update().where(_SETTING.c.scope == wanted.scope).values(**values))
    else:
        await connection.execute(_SETTING.insert().values(scope=wanted.scope, **values))
    for change_id, each in zip(ids, wanted.changes, strict=True):
        row = {"id": change_id, "scope": wanted.scope, "version": wanted.seen + 1, "login": wanted.login, "at": now}
        await connection.execute(_CHANGE.insert().values(**row, **vars(each)))


async def list_changes_of(connection: AsyncConnection, scope: str, limit: int = 50) -> list[Changed]:
    """The latest changes first."""
    query = select(_CHANGE).where(_CHANGE.c.scope == scope).order_by(_CHANGE.c.at.desc(), _CHANGE.c.id.desc()).limit(limit)
    rows = await connection.execute(query)
    return [Changed(Change(row.key, row.before, row.after), row.login, row.at) for row in rows]


async def forget_level(connection: AsyncConnection, scopes: Sequence[str]) -> None:
    """Delete levels and their logs."""
    await connection.execute(delete(_SETTING).where(_SETTING.c.scope.in_(scopes)))
    await connection.execute(delete(_CHANGE).where(_CHANGE.c.scope.in_(scopes)))
