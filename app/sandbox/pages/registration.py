"""Registers an App by its manifest, and installs it on an account."""

import json
import secrets
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app.sandbox.github.world import EVENTS, PERMISSIONS

if TYPE_CHECKING:
    from app.sandbox.pages.routes import Pages
    from app.sandbox.server import Sandbox

_NEEDED = ("name", "url", "redirect_url", "default_permissions", "default_events")


class Registration:
    """The pages of the manifest flow. This GitHub has one App, which a new registration replaces."""

    def __init__(self, sandbox: "Sandbox", pages: "Pages") -> None:
        self._sandbox = sandbox
        self._pages = pages

    async def show(self, request: Request) -> Response:
        """Show what the App requests, before it is created."""
        form = dict(parse_qsl((await request.body()).decode()))
        if refused := _refusal(form.get("manifest", "")):
            return PlainTextResponse(refused, 422)
        manifest = json.loads(form["manifest"])
        answer = self._pages.page("register.html", manifest=manifest, text=form["manifest"], state=request.query_params.get("state", ""))
        return _leading_to(answer, manifest["redirect_url"])

    async def create(self, request: Request) -> Response:
        """Create it, and send the browser back with a code."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        if refused := _refusal(form.get("manifest", "")):
            return PlainTextResponse(refused, 422)
        manifest, app = json.loads(form["manifest"]), self._sandbox.world.app
        app.name, app.webhook_url = manifest["name"], manifest.get("hook_attributes", {}).get("url", "")
        app.callback_urls = tuple(manifest.get("callback_urls", ()))
        app.setup_url, app.webhook_secret = manifest.get("setup_url", ""), secrets.token_hex(20)
        app.permissions, app.events = dict(manifest["default_permissions"]), tuple(manifest["default_events"])
        code = secrets.token_hex(20)
        self._sandbox.github.conversions.add(code)
        return RedirectResponse(f"{manifest['redirect_url']}?{urlencode({'code': code, 'state': form.get('state', '')})}", 302)

    async def choose(self, _: Request) -> Response:
        """Choose the account to install it on."""
        world = self._sandbox.world
        installed = {installation.account.login for installation in world.installations.values()}
        accounts = [user.login for user in world.users.values() if user.type == "Organization" and user != world.app.owner]
        return _leading_to(self._pages.page("install.html", app=world.app, accounts=sorted(set(accounts) - installed)), world.app.setup_url)

    async def install(self, request: Request) -> Response:
        """Install it there, and send the browser to the App's own page."""
        form, world = dict(parse_qsl((await request.body()).decode())), self._sandbox.world
        installation = world.install(form["account"])
        query = urlencode({"installation_id": installation.id, "setup_action": "install"})
        return RedirectResponse(f"{world.app.setup_url}?{query}" if world.app.setup_url else "/", 302)


def _leading_to(answer: Response, url: str) -> Response:
    """A page whose form ends on another site. Browsers apply the policy to its redirects too."""
    place = urlsplit(url)
    there = f" {place.scheme}://{place.netloc}" if place.netloc else ""
    answer.headers["content-security-policy"] = f"default-src 'none'; style-src 'self'; form-action 'self'{there}; base-uri 'none'"
    return answer


def _refusal(text: str) -> str:
    try:
        manifest = json.loads(text)
        missing = [name for name in _NEEDED if name not in manifest]
        unknown = sorted(set(manifest["default_events"]) - set(EVENTS)) if not missing else []
        beyond = sorted(set(manifest["default_permissions"]) - set(PERMISSIONS)) if not missing else []
    except (ValueError, TypeError):
        return "The manifest is not a JSON object."
    if missing or unknown or beyond:
        return f"The manifest is not valid: {', '.join([*missing, *unknown, *beyond])}"
    return ""


def registration_routes(sandbox: "Sandbox", pages: "Pages") -> list[Route]:
    """The manifest flow and the installation as routes."""
    registration = Registration(sandbox, pages)
    return [
        Route("/settings/apps/new", registration.show, methods=["POST"]),
        Route("/organizations/{organisation}/settings/apps/new", registration.show, methods=["POST"]),
        Route("/settings/apps/create", registration.create, methods=["POST"]),
        Route("/apps/{slug}/installations/new", registration.choose),
        Route("/apps/{slug}/installations/new", registration.install, methods=["POST"]),
    ]
