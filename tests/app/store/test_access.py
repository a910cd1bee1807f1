"""Tokens and sessions expire, and belong to one person. On both databases."""

from app.store.engine.database import Database
from app.store.security import api_tokens, sessions
from app.store.security.api_tokens import Token
from app.store.security.sessions import IDLE_SECONDS, LONGEST_SECONDS, WebSession

NOW = 1_800_000_000.0
HOUR = 3600.0


def token(token_id: str, user_id: int) -> Token:
    return Token(token_id, "ci", "ada", user_id, "acme/shop", 7, 42, created_at=NOW, expires_at=NOW + HOUR)


def session(session_id: str, github_id: int, seen_at: float, created_at: float = NOW) -> WebSession:
    return WebSession(session_id, github_id, "ada", b"", "csrf", False, "127.0.0.1", "a browser", created_at, seen_at)


async def test_a_token_ends(database: Database) -> None:
    async with database.write() as connection:
        await api_tokens.add(connection, token("one", 1), "digest")
        assert (await api_tokens.find(connection, "digest", NOW + HOUR - 1)) is not None
        assert (await api_tokens.find(connection, "digest", NOW + HOUR)) is None


async def test_a_person_sees_and_revokes_their_own_tokens(database: Database) -> None:
    async with database.write() as connection:
        for number, user in enumerate((1, 2), 1):
            await api_tokens.add(connection, token(f"t{number}", user), f"digest-{number}")
        assert [each.id for each in await api_tokens.of_user(connection, 1)] == ["t1"]
        assert not await api_tokens.revoke(connection, 1, "t2") and await api_tokens.revoke(connection, 2, "t2")


async def test_a_session_expires_idle_or_busy(database: Database) -> None:
    late = NOW + LONGEST_SECONDS + 1
    async with database.write() as connection:
        await sessions.open_session(connection, session("idle", 1, NOW))
        await sessions.open_session(connection, session("busy", 1, late - 1))
        assert await sessions.find_session(connection, "idle", NOW + IDLE_SECONDS - 1) is not None
        assert await sessions.find_session(connection, "idle", NOW + IDLE_SECONDS + 1) is None
        assert await sessions.find_session(connection, "busy", late) is None


async def test_signing_out_everywhere_is_for_one_person(database: Database) -> None:
    async with database.write() as connection:
        for name, person in (("a", 1), ("b", 1), ("c", 2)):
            await sessions.open_session(connection, session(name, person, NOW))
        assert await sessions.close_all(connection, 1) == 2
        assert await sessions.find_session(connection, "c", NOW) is not None
        assert [each.id for each in await sessions.sessions_of(connection, 2, NOW)] == ["c"]


async def test_a_session_that_ended_is_not_listed_and_is_dropped(database: Database) -> None:
    late = NOW + LONGEST_SECONDS + 1
    async with database.write() as connection:
        await sessions.open_session(connection, session("idle", 1, late - IDLE_SECONDS - 1, created_at=late - IDLE_SECONDS - 1))
        await sessions.open_session(connection, session("busy", 1, late - 1))
        await sessions.open_session(connection, session("open", 1, late - 1, created_at=late - 1))
        assert [each.id for each in await sessions.sessions_of(connection, 1, late)] == ["open"]
        await sessions.drop_expired(connection, late)
        # Long before, each of them would have been open.
        assert [each.id for each in await sessions.sessions_of(connection, 1, NOW)] == ["open"]


async def test_an_auditor_is_no_admin(database: Database) -> None:
    async with database.write() as connection:
        await sessions.give_role(connection, 1, "ada", sessions.AUDITOR, NOW)
        assert not await sessions.has_admin(connection)
        await sessions.make_admin(connection, 2, "ben", NOW)
        assert await sessions.has_admin(connection)
