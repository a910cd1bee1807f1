"""Browser sessions: a random id in a cookie, and everything else in the database."""

import secrets
from dataclasses import dataclass

from fastapi import Request, Response

from app.services.web import WebServices
from app.store.security import sessions
from app.store.security.sessions import LONGEST_SECONDS, WebSession, id_of
from app.store.security.vault import Unsealable
from app.web.security import address_of, is_https

_SESSION, _LOGIN = "council-session", "council-login"


def desk_of(request: Request) -> WebServices:
    """The services of the pages."""
    services: WebServices = request.app.state.services
    return services


@dataclass(frozen=True)
class Newcomer:
    """The person who starts a session."""

    github_id: int
    login: str
    token: str
    admin: bool = False
    auditor: bool = False


async def session_of(request: Request) -> WebSession | None:
    """The current session of this browser, or None. Read once per request."""
    if hasattr(request.state, "session"):
        found: WebSession | None = request.state.session
        return found
    services, cookie = desk_of(request), request.cookies.get(cookie_name(request, _SESSION), "")
    session = None
    if cookie:
        now = services.clock()
        async with services.database.read() as connection:
            session = await sessions.find_session(connection, id_of(cookie), now)
        if session is not None and sessions.is_worth_noting(session, now):
            async with services.database.write() as connection:
                await sessions.note_seen(connection, session.id, now)
    request.state.session = session
    return session


async def begin_session(request: Request, response: Response, who: Newcomer) -> WebSession:
    """Start a session with a new id and end this browser's previous session."""
    services, cookie, now = desk_of(request), secrets.token_urlsafe(32), desk_of(request).clock()
    before = await session_of(request)
    session = WebSession(
        id=id_of(cookie),
        github_id=who.github_id,
        login=who.login,
        token=services.vault.seal(who.token, f"session/{id_of(cookie)}"),
        csrf=secrets.token_urlsafe(32),
        admin=who.admin,
        auditor=who.auditor,
        address=address_of(request)[:60],
        browser=request.headers.get("user-agent", "")[:120],
        created_at=now,
        seen_at=now,
    )
    async with services.database.write() as connection:
        if before is not None:
            await sessions.close_session(connection, before.id)
        await sessions.drop_expired(connection, now)
        await sessions.open_session(connection, session)
    set_cookie(request, response, _SESSION, cookie, int(LONGEST_SECONDS))
    request.state.session = session
    return session


async def end_session(request: Request, response: Response, *, everywhere: bool = False) -> None:
    """End this session, or all sessions of the person."""
    services, session = desk_of(request), await session_of(request)
    if session is not None:
        async with services.database.write() as connection:
            if everywhere and session.github_id:
                await sessions.close_all(connection, session.github_id)
            await sessions.close_session(connection, session.id)
        if services.settings.client_id:
            services.access.forget(session.id)
    request.state.session = None
    set_cookie(request, response, _SESSION, "", 0)


def token_of(services: WebServices, session: WebSession) -> str:
    """The person's GitHub token; "" if it can no longer be decrypted."""
    try:
        return services.vault.open(session.token, f"session/{session.id}")
    except Unsealable:
        return ""


def remember_login(request: Request, response: Response, sealed: str) -> None:
    """Keep the state of a sign-in in progress in the browser that started it."""
    set_cookie(request, response, _LOGIN, sealed, 600)


def login_under_way(request: Request) -> str:
    """The value that `remember_login` kept."""
    return request.cookies.get(cookie_name(request, _LOGIN), "")


def forget_login(request: Request, response: Response) -> None:
    """Delete the state of an ended sign-in."""
    set_cookie(request, response, _LOGIN, "", 0)


def cookie_name(request: Request, name: str) -> str:
    """The cookie's name. With https it has the prefix that makes browsers require https, this host and the path "/"."""
    return f"__Host-{name}" if is_https(desk_of(request).settings, request.scope) else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """Set a cookie that scripts cannot read and other sites cannot send. An empty value removes it."""
    secure = is_https(desk_of(request).settings, request.scope)
    response.set_cookie(cookie_name(request, name), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")
