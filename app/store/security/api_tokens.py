"""Stores personal tokens of the HTTP API by their SHA-256, each for one repository of one person."""

from dataclasses import dataclass

from sqlalchemy import Row, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.access import ApiTokenRow

_TOKEN = sql_table(ApiTokenRow)
# A use is recorded at most once in this many seconds, so that most reads need no write.
_NOTED_SECONDS = 60.0


@dataclass(frozen=True)
class Token:
    """Whose token it is, and what for. Times are seconds since the epoch; `used_at` is None if it was never used."""

    id: str
    name: str
    login: str
    user_id: int
    repository: str
    repository_id: int
    installation_id: int
    created_at: float
    expires_at: float
    used_at: float | None = None


async def add(connection: AsyncConnection, token: Token, digest: str) -> None:
    """Store a new token by its digest."""
    values = {name: getattr(token, name) for name in Token.__dataclass_fields__}
    await connection.execute(insert_or(ApiTokenRow, connection.dialect.name).values({**values, "digest": digest}))


async def find(connection: AsyncConnection, digest: str, now: float) -> Token | None:
    """The unexpired token with this digest."""
    row = (await connection.execute(select(_TOKEN).where(_TOKEN.c.digest == digest, _TOKEN.c.expires_at > now))).first()
    return None if row is None else _token(row)


async def of_user(connection: AsyncConnection, user_id: int) -> tuple[Token, ...]:
    """A person's tokens, newest first."""
    query = select(_TOKEN).where(_TOKEN.c.user_id == user_id).order_by(_TOKEN.c.created_at.desc())
    return tuple(_token(row) for row in await connection.execute(query))


async def revoke(connection: AsyncConnection, user_id: int, token_id: str) -> bool:
    """Delete a person's own token. Returns False if they have none with that id."""
    return bool((await connection.execute(delete(_TOKEN).where(_TOKEN.c.user_id == user_id, _TOKEN.c.id == token_id))).rowcount)


def is_worth_noting(token: Token, now: float) -> bool:
    """Whether its last recorded use is long enough ago."""
    return token.used_at is None or now - token.used_at > _NOTED_SECONDS


async def note_use(connection: AsyncConnection, token_id: str, login: str, now: float) -> None:
    """Record that a token was used, and its account's current login."""
    await connection.execute(update(_TOKEN).where(_TOKEN.c.id == token_id).values(used_at=now, login=login))


def _token(row: Row[*tuple[object, ...]]) -> Token:
    return Token(**{name: getattr(row, name) for name in Token.__dataclass_fields__})
