"""Sign-in with GitHub's web flow, with state and proof bound to the browser that started it; and sign-out."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.errors import GitHubRejected, SettingsError, Unavailable
from app.services.web import WebServices
from app.store.security import audit, sessions
from app.store.security.vault import Unsealable
from app.web.errors import error_page
from app.web.pages import render
from app.web.security import address_of, safe_path, trusted_origin
from app.web.sessions import (
    Newcomer,
    begin_session,
    desk_of,
    end_session,
    forget_login,
    login_under_way,
    remember_login,
    session_of,
)
from app.web.viewer import SignedIn

router = APIRouter()
_PLACE = "login"
_SECONDS = 600.0


@dataclass(frozen=True)
class _Begun:
    """A sign-in in progress. GitHub returns the state; only this browser has the rest."""

    state: str
    verifier: str
    next: str
    at: float

    @property
    def challenge(self) -> str:
        return base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).rstrip(b"=").decode()


@router.get("/login")
async def login(request: Request, next: str = "/") -> Response:
    """Redirect the browser to GitHub."""
    services = desk_of(request)
    if not services.settings.client_id or not services.settings.client_secret:
        raise SettingsError("To sign in, set GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET; both are on your GitHub App's page, under General.")
    begun = _Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(48), safe_path(next), services.clock())
    response = RedirectResponse(services.access.users.consent_url(_callback(request), begun.state, begun.challenge), 303)
    sealed = services.vault.seal(json.dumps(vars(begun)), _PLACE)
    remember_login(request, response, base64.urlsafe_b64encode(sealed).decode())
    return response


@router.get("/login/callback")
async def callback(request: Request, code: str = "", state: str = "") -> Response:
    """GitHub redirects the browser to this route."""
    services, begun = desk_of(request), _begun(request)
    if begun is None or not code or not hmac.compare_digest(begun.state.encode(), state.encode()):
        return _failed(request, 400, "This sign-in was started in another browser or more than ten minutes ago.")
    users = services.access.users
    try:
        token = await users.token(code, begun.verifier, _callback(request))
        person = await users.person(token)
    except GitHubRejected:
        return _failed(request, 400, "GitHub did not confirm this sign-in.")
    except Unavailable:
        return _failed(request, 503, "GitHub did not answer.")
    before = await session_of(request)
    redeemed = before is not None and before.admin and not before.github_id
    response = RedirectResponse(begun.next, 303)
    async with services.database.write() as connection:
        if redeemed:
            await sessions.make_admin(connection, person.id, person.login, services.clock())
        role = await sessions.role_of(connection, person.id)
        await audit.record_event(connection, audit.Event(services.clock(), person.login, address_of(request), "login", "session"))
    await begin_session(request, response, Newcomer(person.id, person.login, token, role == sessions.ADMIN, role == sessions.AUDITOR))
    forget_login(request, response)
    return response


@router.post("/logout")
async def logout(request: Request, viewer: SignedIn) -> Response:
    """End this session."""
    await viewer.form(request)
    return await _signed_out(request, viewer.services, "logout", everywhere=False)


@router.post("/logout/everywhere")
async def logout_everywhere(request: Request, viewer: SignedIn) -> Response:
    """End every session of this person."""
    await viewer.form(request)
    return await _signed_out(request, viewer.services, "logout everywhere", everywhere=True)


@router.get("/account")
async def account_page(request: Request, viewer: SignedIn) -> Response:
    """The person's sessions."""
    async with viewer.services.database.read() as connection:
        found = await sessions.sessions_of(connection, viewer.github_id, viewer.services.clock())
    return render(request, "account.html", sessions=found)


async def _signed_out(request: Request, services: WebServices, action: str, *, everywhere: bool) -> Response:
    response = RedirectResponse("/", 303)
    # Browsers then delete cached pages, so that "back" shows none.
    response.headers["clear-site-data"] = '"cache"'
    session = await session_of(request)
    async with services.database.write() as connection:
        await audit.record_event(
            connection, audit.Event(services.clock(), session.login if session else "", address_of(request), action, "session")
        )
    await end_session(request, response, everywhere=everywhere)
    return response


def _begun(request: Request) -> _Begun | None:
    services = desk_of(request)
    try:
        sealed = base64.urlsafe_b64decode(login_under_way(request).encode())
        begun = _Begun(**json.loads(services.vault.open(sealed, _PLACE)))
    except (Unsealable, ValueError, TypeError):
        return None
    return begun if begun.at > services.clock() - _SECONDS else None


def _callback(request: Request) -> str:
    """The address that GitHub redirects to with its code. A Host header alone does not set it, unless only this machine reaches us."""
    if not (origin := trusted_origin(desk_of(request).settings, request.scope)):
        raise SettingsError(
            "To sign in to a server that other machines can reach, set PUBLIC_URL to the address that browsers use,"
            " such as https://council.example.com, and restart."
        )
    return f"{origin}/login/callback"


def _failed(request: Request, status: int, words: str) -> Response:
    response = error_page(request, status, "Not signed in", f"{words} Sign in again.")
    forget_login(request, response)
    return response
