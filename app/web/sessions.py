"""The session of a browser: a random id in a cookie, and everything else in the database."""

import secrets
from dataclasses import dataclass, replace

from fastapi import Request, Response

from app.services.desk import Desk
from app.store import sessions
from app.store.sessions import LONGEST_SECONDS, Session, id_of
from app.store.vault import Unsealable
from app.web.security import address_of, is_https

_SESSION, _LOGIN = "council-session", "council-login"


def desk_of(request: Request) -> Desk:
    """The services behind the pages."""
    desk: Desk = request.app.state.desk
    return desk


@dataclass(frozen=True)
class Newcomer:
    """Who begins a session."""

    github_id: int
    login: str
    token: str
    admin: bool = False
    auditor: bool = False


async def session_of(request: Request) -> Session | None:
    """The session of this browser, if it has one that is not over; seen once a request."""
    if hasattr(request.state, "session"):
        found: Session | None = request.state.session
        return found
    desk, cookie = desk_of(request), request.cookies.get(cookie_name(request, _SESSION), "")
    session = None
    if cookie:
        now = desk.clock()
        async with desk.database.read() as connection:
            session = await sessions.find_session(connection, id_of(cookie), now)
        if session is not None and sessions.is_worth_noting(session, now):
            async with desk.database.write() as connection:
                await sessions.note(connection, session.id, now)
    request.state.session = session
    return session


async def begin(request: Request, response: Response, who: Newcomer) -> Session:
    """Begin a session with a new id, and end the one that this browser had."""
    desk, cookie, now = desk_of(request), secrets.token_urlsafe(32), desk_of(request).clock()
    before = await session_of(request)
    made = Session(
        id=id_of(cookie),
        github_id=who.github_id,
        login=who.login,
        token=desk.vault.seal(who.token, f"session/{id_of(cookie)}"),
        csrf=secrets.token_urlsafe(32),
        admin=who.admin,
        auditor=who.auditor,
        address=address_of(request)[:60],
        browser=request.headers.get("user-agent", "")[:120],
        created_at=now,
        seen_at=now,
    )
    async with desk.database.write() as connection:
        if before is not None:
            await sessions.close_session(connection, before.id)
        await sessions.drop_expired(connection, now)
        await sessions.open_session(connection, made)
    set_cookie(request, response, _SESSION, cookie, int(LONGEST_SECONDS))
    request.state.session = made
    return made


async def end(request: Request, response: Response, *, everywhere: bool = False) -> None:
    """End this session, or all of this person's."""
    desk, session = desk_of(request), await session_of(request)
    if session is not None:
        async with desk.database.write() as connection:
            if everywhere and session.github_id:
                await sessions.close_all(connection, session.github_id)
            await sessions.close_session(connection, session.id)
        if desk.settings.client_id:
            desk.access.forget(session.id)
    request.state.session = None
    set_cookie(request, response, _SESSION, "", 0)


def token_of(desk: Desk, session: Session) -> str:
    """The person's GitHub token; "" when it cannot be opened any more."""
    try:
        return desk.vault.open(session.token, f"session/{session.id}")
    except Unsealable:
        return ""


def remember_login(request: Request, response: Response, sealed: str) -> None:
    """Keep what a login under way was begun with, in the browser that began it."""
    set_cookie(request, response, _LOGIN, sealed, 600)


def login_under_way(request: Request) -> str:
    """What `remember_login` kept."""
    return request.cookies.get(cookie_name(request, _LOGIN), "")


def forget_login(request: Request, response: Response) -> None:
    """Whatever came of it, it is over."""
    set_cookie(request, response, _LOGIN, "", 0)


def cookie_name(request: Request, name: str) -> str:
    """With the prefix that browsers hold to https, to this host and to the path "/", where there is https."""
    return f"__Host-{name}" if is_https(desk_of(request).settings, request.scope) else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    """A cookie that no script reads and no other site sends; an empty one removes it."""
    secure = is_https(desk_of(request).settings, request.scope)
    response.set_cookie(cookie_name(request, name), value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def as_admin(session: Session) -> Session:
    """The same session, of an instance admin."""
    return replace(session, admin=True)
