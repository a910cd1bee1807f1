"""Render a page. Change here the menu and the other values that every page has."""

import hashlib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.web import wording
from app.web.prose import prose
from app.web.views.server import suggest_action

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent
# Per section: the key after "g", its name, address and icon. Only admins and auditors of the server see the last.
_MENU = (
    ("h", "Home", "/", "home"),
    ("r", "Runs", "/runs", "runs"),
    ("a", "Ask", "/ask", "ask"),
    ("i", "Insights", "/insights", "insights"),
    ("u", "Usage", "/usage", "usage"),
    ("s", "Server", "/admin", "server"),
)
_NO_SECTION = ("/account", "/tokens", "/api/")


def render(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page. Templates get `session` (None without a sign-in), `csrf`, `path`, the menu, whether people can sign in, and `values`."""
    session, services = getattr(request.state, "session", None), getattr(request.app.state, "services", None)
    path = request.url.path
    around = {"session": session, "csrf": session.csrf if session else "", "path": path, "status": status}
    around |= {"menu": _MENU if session and (session.admin or session.auditor) else _MENU[:-1], "section": section_of(path)}
    signing_in = services is None or bool(services.settings.client_id)
    return HTMLResponse(templates().get_template(template).render(**around, signing_in=signing_in, **values), status)


def section_of(path: str) -> str:
    """The section of a page; "" if it has none."""
    if path.startswith("/setup"):
        return "Server"
    if "/pulls/" in path:
        return "Runs"
    if path.startswith(_NO_SECTION):
        return ""
    return next((name for _, name, address, _ in _MENU[1:] if path.startswith(address)), "Home")


@cache
def templates() -> "Environment":
    """The templates, compiled once per process. A missing value is an error, and all values are escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(_HERE / "templates")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= wording.FILTERS | {"prose": prose, "action": suggest_action}
    made.globals["static"] = _static
    return made


@cache
def _static(name: str) -> str:
    """The address of a static file with its digest, so that a browser never uses the file of an earlier release."""
    return f"/static/{name}?v={hashlib.sha256((_HERE / 'static' / name).read_bytes()).hexdigest()[:8]}"
