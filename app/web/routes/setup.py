"""The set-up pages: the console token, the App's registration by manifest, and the list of checks."""

import base64
import json
import secrets as random
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.configuration import app_credentials
from app.errors import SettingsError
from app.github import manifest
from app.store.health import health
from app.store.security import audit, sessions
from app.store.security.sessions import WebSession
from app.store.security.vault import Unsealable
from app.store.spending import typical_costs
from app.web import admin_token
from app.web.errors import Conflict, Hidden, error_page
from app.web.pages import render
from app.web.security import address_of, policy, read_form, trusted_origin
from app.web.sessions import Newcomer, begin_session, desk_of, session_of, token_of

router = APIRouter()
_PLACE, _SECONDS = "setup", 3600.0


@router.get("/setup")
async def setup(request: Request, token: str = "") -> Response:
    """The token form, the registration form, or the checks."""
    session, services = await session_of(request), desk_of(request)
    if session is None or not session.admin:
        async with services.database.read() as connection:
            if await sessions.has_admin(connection):
                raise Hidden
        return render(request, "redeem.html", token=token)
    if not services.settings.is_set_up:
        origin, own = trusted_origin(services.settings, request.scope), services.settings
        return render(request, "setup.html", origin=origin, github=own.github_web_url, channel=bool(own.smee_url))
    async with services.database.read() as connection:
        found = await health(connection, services.clock())
        # The web process has no provider keys; workers report which models they can call.
        models = [cost for cost in await typical_costs.list_typical_costs(connection) if cost.kind == "model"]
    slug = await _slug(request)
    install = f"{services.settings.github_web_url}/apps/{slug}/installations/new" if slug else ""
    lacking = await services.grants.problems()
    signed_in, keys = bool(session.github_id), not models or any(model.able for model in models)
    return render(request, "checks.html", health=found, install=install, lacking=lacking, signed_in=signed_in, keys=keys)


@router.post("/setup/redeem")
async def redeem(request: Request) -> Response:
    """Redeem the console token for admin rights on this server."""
    session, services = await session_of(request), desk_of(request)
    # Without a session there is no CSRF token, so only the browser's origin headers protect this form.
    body = (await request.body())[:2_000]
    given = dict(pair.split("=", 1) for pair in body.decode("ascii", "replace").split("&") if "=" in pair).get("token", "")
    if not await admin_token.redeem(services, given):
        return error_page(request, 403, "Wrong token", "The server prints the token on its console when it starts. The token works once.")
    response = RedirectResponse("/setup", 303)
    who = Newcomer(0, "", "", admin=True)
    if session is not None and session.github_id:
        who = Newcomer(session.github_id, session.login, token_of(services, session), admin=True)
    async with services.database.write() as connection:
        if who.github_id:
            await sessions.make_admin(connection, who.github_id, who.login, services.clock())
        await audit.record_event(
            connection, audit.Event(services.clock(), who.login, address_of(request), "console token redeemed", "instance")
        )
    await begin_session(request, response, who)
    return response


@router.post("/setup/manifest")
async def prepare(request: Request) -> Response:
    """The page whose form posts the manifest to GitHub."""
    session, services = await _admin(request), desk_of(request)
    form = await read_form(request, session.csrf)
    if services.settings.is_set_up:
        raise Conflict("This server already has an App.")
    web, place = form["github"].strip().rstrip("/"), urlsplit(form["public_url"].strip())
    manifest.api_of(web)
    if place.scheme not in {"http", "https"} or not place.netloc or place.path.strip("/") or place.query:
        raise SettingsError("Use a public URL such as https://council.example.com, without a path.")
    name = form["name"].strip()
    if not 1 <= len(name) <= 34:
        raise SettingsError("The name of an App must have 1 to 34 characters.")
    public = f"{place.scheme}://{place.netloc}"
    kept = {"session": session.id, "web": web, "public": public, "at": services.clock(), "once": random.token_hex(8)}
    state = base64.urlsafe_b64encode(services.vault.seal(json.dumps(kept), _PLACE)).decode()
    action = manifest.registration_url(web, form["organisation"].strip(), state)
    told = manifest.manifest(name, public, services.settings.smee_url)
    answer = render(request, "manifest.html", action=action, manifest=told, web=web, name=name)
    answer.headers["content-security-policy"] = policy(web)
    return answer


@router.get("/setup/registered")
async def app_registered(request: Request, code: str = "", state: str = "") -> Response:
    """GitHub redirects the browser here with a code for the App's credentials."""
    session, services = await _admin(request), desk_of(request)
    try:
        kept = json.loads(services.vault.open(base64.urlsafe_b64decode(state.encode()), _PLACE))
    except (Unsealable, ValueError):
        kept = {}
    if kept.get("session") != session.id or kept.get("at", 0.0) < services.clock() - _SECONDS or services.settings.is_set_up:
        return error_page(
            request, 400, "Not registered", "This registration was started in another browser or over an hour ago. Start again at /setup."
        )
    found = await manifest.convert(kept["web"], code, kept["public"])
    await app_credentials.store_credentials(services.database, services.vault, found, session.login, services.clock())
    async with services.database.write() as connection:
        await audit.record_event(
            connection, audit.Event(services.clock(), session.login, address_of(request), "app registered", found.slug)
        )
    await services.take_credentials()
    return RedirectResponse("/setup", 303)


@router.get("/setup/installed")
async def app_installed(request: Request, installation_id: int = 0) -> Response:
    """GitHub redirects people here after an installation; show its settings."""
    return RedirectResponse(f"/installations/{installation_id}/settings" if installation_id else "/", 303)


async def _admin(request: Request) -> WebSession:
    session = await session_of(request)
    if session is None or not session.admin:
        raise Hidden
    return session


async def _slug(request: Request) -> str:
    from app.store.security import secrets

    services = desk_of(request)
    async with services.database.read() as connection:
        return (await secrets.open_secrets(connection, services.vault, secrets.INSTANCE)).get("app.slug", "")
