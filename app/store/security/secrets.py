"""Stores secrets encrypted for their scope and name. They are never shown again."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.security.vault import Vault
from app.store.tables.pages import SecretRow

_SECRET = sql_table(SecretRow)
INSTANCE = "instance"


def keys_of(installation_id: int) -> str:
    """The scope of the provider keys of an installation."""
    return f"installation:{installation_id}/keys"


def channels_of_installation(installation_id: int) -> str:
    """The scope of the channels for an organization's notifications."""
    return f"installation:{installation_id}/channels"


def channels_of_repository(repository_id: int) -> str:
    """The scope of a repository's own channels."""
    return f"repository:{repository_id}/channels"


@dataclass(frozen=True)
class SecretSummary:
    """What may be shown of a secret."""

    name: str
    hint: str
    changed_by: str
    changed_at: float


@dataclass(frozen=True)
class NewSecret:
    """A secret to be stored."""

    scope: str
    name: str
    text: str
    hint: str = ""


async def save_secret(connection: AsyncConnection, vault: Vault, secret: NewSecret, login: str, now: float) -> None:
    """Store a secret, and replace the one before."""
    values = {
        "sealed": vault.seal(secret.text, f"{secret.scope}/{secret.name}"),
        "hint": secret.hint,
        "changed_by": login,
        "changed_at": now,
    }
    statement = insert_or(SecretRow, connection.dialect.name).values(scope=secret.scope, name=secret.name, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["scope", "name"], set_=values))


async def mark_once(connection: AsyncConnection, scope: str, name: str, now: float) -> bool:
    """Record a single event that has no secret in it. Returns False if it was already recorded."""
    values = {"scope": scope, "name": name, "sealed": b"", "hint": "", "changed_by": "", "changed_at": now}
    statement = insert_or(SecretRow, connection.dialect.name).values(values).on_conflict_do_nothing()
    return bool((await connection.execute(statement)).rowcount)


async def forget_secret(connection: AsyncConnection, scope: str, name: str) -> None:
    """Delete a secret."""
    await connection.execute(delete(_SECRET).where(_SECRET.c.scope == scope, _SECRET.c.name == name))


async def forget_all(connection: AsyncConnection, scope: str) -> None:
    """Delete all secrets of a scope."""
    await connection.execute(delete(_SECRET).where(_SECRET.c.scope == scope))


async def list_secrets(connection: AsyncConnection, scope: str) -> list[SecretSummary]:
    """Which secrets a scope holds, without their values."""
    query = select(_SECRET).where(_SECRET.c.scope == scope).order_by(_SECRET.c.name)
    return [SecretSummary(row.name, row.hint, row.changed_by, row.changed_at) for row in await connection.execute(query)]


async def open_secrets(connection: AsyncConnection, vault: Vault, scope: str) -> dict[str, str]:
    """The decrypted secrets of a scope by name, for code that uses them, never for a page."""
    rows = await connection.execute(select(_SECRET).where(_SECRET.c.scope == scope))
    return {row.name: vault.open(row.sealed, f"{scope}/{row.name}") for row in rows}
