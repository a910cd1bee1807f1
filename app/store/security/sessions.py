"""Stores who is signed in: one row per browser, found by the hash of its session token."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.engine.upsert import insert_or, sql_table
from app.store.tables.pages import AdminRow, SessionRow

_SESSION, _ADMIN = sql_table(SessionRow), sql_table(AdminRow)

IDLE_SECONDS = 3600.0
LONGEST_SECONDS = 8 * 3600.0
# Recording each page view would cost a write per page.
_NOTED_EVERY = 60.0
ADMIN, AUDITOR = "admin", "auditor"
_MOST_PEOPLE = 200


@dataclass(frozen=True)
class WebSession:
    """A signed-in browser. `github_id` is 0 for one that only redeemed the console's token."""

    id: str
    github_id: int
    login: str
    token: bytes
    csrf: str
    admin: bool
    address: str
    browser: str
    created_at: float
    seen_at: float
    auditor: bool = False


@dataclass(frozen=True)
class Role:
    """A person and their role on this server, "" for none."""

    github_id: int
    login: str
    role: str
    since: float


def id_of(cookie: str) -> str:
    """The id of a browser's session."""
    return hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()


async def open_session(connection: AsyncConnection, made: WebSession) -> None:
    """Store a new session."""
    await connection.execute(_SESSION.insert().values(**vars(made)))


async def find_session(connection: AsyncConnection, session_id: str, now: float) -> WebSession | None:
    """The session, unless it was idle or open for too long."""
    alive = (_SESSION.c.seen_at > now - IDLE_SECONDS, _SESSION.c.created_at > now - LONGEST_SECONDS)
    row = (await connection.execute(select(_SESSION).where(_SESSION.c.id == session_id, *alive))).first()
    return None if row is None else WebSession(**row._mapping)


def is_worth_noting(session: WebSession, now: float) -> bool:
    """Whether its last recorded use is old enough to be recorded again."""
    return session.seen_at < now - _NOTED_EVERY


async def note_seen(connection: AsyncConnection, session_id: str, now: float) -> None:
    """Record that it was used now."""
    await connection.execute(update(_SESSION).where(_SESSION.c.id == session_id).values(seen_at=now))


async def close_session(connection: AsyncConnection, session_id: str) -> None:
    """End one session."""
    await connection.execute(delete(_SESSION).where(_SESSION.c.id == session_id))


async def close_all(connection: AsyncConnection, github_id: int) -> int:
    """End every session of a person. Returns how many there were."""
    return int((await connection.execute(delete(_SESSION).where(_SESSION.c.github_id == github_id))).rowcount)


async def sessions_of(connection: AsyncConnection, github_id: int, now: float) -> list[WebSession]:
    """Where a person is signed in, the latest first."""
    alive = (_SESSION.c.seen_at > now - IDLE_SECONDS, _SESSION.c.created_at > now - LONGEST_SECONDS)
    query = select(_SESSION).where(_SESSION.c.github_id == github_id, *alive).order_by(_SESSION.c.seen_at.desc())
    return [WebSession(**row._mapping) for row in await connection.execute(query)]


async def drop_expired(connection: AsyncConnection, now: float) -> None:
    """Delete expired sessions."""
    too_old = or_(_SESSION.c.seen_at <= now - IDLE_SECONDS, _SESSION.c.created_at <= now - LONGEST_SECONDS)
    await connection.execute(delete(_SESSION).where(too_old))


async def role_of(connection: AsyncConnection, github_id: int) -> str:
    """ADMIN or AUDITOR, "" for everybody else."""
    return str((await connection.execute(select(_ADMIN.c.role).where(_ADMIN.c.github_id == github_id))).scalar() or "")


async def make_admin(connection: AsyncConnection, github_id: int, login: str, now: float) -> None:
    """Make that person an instance admin."""
    await give_role(connection, github_id, login, ADMIN, now)


async def has_admin(connection: AsyncConnection) -> bool:
    """Whether there is an admin."""
    return bool((await connection.execute(select(func.count()).select_from(_ADMIN).where(_ADMIN.c.role == ADMIN))).scalar())


async def give_role(connection: AsyncConnection, github_id: int, login: str, role: str, now: float) -> None:
    """Give a person a role on this server, in the sessions that they have too."""
    values = {"login": login, "role": role}
    statement = insert_or(AdminRow, connection.dialect.name).values(github_id=github_id, since=now, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["github_id"], set_=values))
    await _mark_sessions(connection, github_id, role)


async def take_role(connection: AsyncConnection, github_id: int) -> None:
    """Remove a person's role, including in their open sessions."""
    await connection.execute(delete(_ADMIN).where(_ADMIN.c.github_id == github_id))
    await _mark_sessions(connection, github_id, "")


async def is_last_admin(connection: AsyncConnection, github_id: int) -> bool:
    """Whether this server has no other admin."""
    admins = (await connection.execute(select(_ADMIN.c.github_id).where(_ADMIN.c.role == ADMIN))).scalars().all()
    return list(admins) == [github_id]


async def _mark_sessions(connection: AsyncConnection, github_id: int, role: str) -> None:
    marks = {"admin": role == ADMIN, "auditor": role == AUDITOR}
    await connection.execute(update(_SESSION).where(_SESSION.c.github_id == github_id).values(marks))


async def list_roles(connection: AsyncConnection) -> tuple[Role, ...]:
    """Everybody with a role, admins first."""
    rows = await connection.execute(select(_ADMIN).order_by(_ADMIN.c.role, _ADMIN.c.login))
    return tuple(Role(row.github_id, row.login, row.role, row.since) for row in rows)


async def list_people(connection: AsyncConnection, now: float) -> tuple[Role, ...]:
    """Everybody who is signed in without a role: the accounts that can get one, by their ids."""
    alive = (_SESSION.c.seen_at > now - IDLE_SECONDS, _SESSION.c.created_at > now - LONGEST_SECONDS, _SESSION.c.github_id != 0)
    without = _SESSION.c.github_id.not_in(select(_ADMIN.c.github_id))
    rows = await connection.execute(select(_SESSION.c.github_id, _SESSION.c.login).where(*alive, without).distinct().limit(_MOST_PEOPLE))
    return tuple(sorted((Role(row.github_id, row.login, "", 0.0) for row in rows), key=lambda each: each.login.lower()))
