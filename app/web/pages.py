"""Renders a page: its template, and what every page shows around it."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.responses import HTMLResponse

from app.web.prose import prose

if TYPE_CHECKING:
    from jinja2 import Environment

_HERE = Path(__file__).parent


def render(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """A page. Templates see `session` (None for a stranger), `csrf`, `path`, whether people can sign in, and `values`."""
    session, desk = getattr(request.state, "session", None), getattr(request.app.state, "desk", None)
    around = {"session": session, "csrf": session.csrf if session else "", "path": request.url.path, "status": status}
    signing_in = desk is None or bool(desk.settings.client_id)
    return HTMLResponse(templates().get_template(template).render(**around, signing_in=signing_in, **values), status)


@cache
def templates() -> "Environment":
    """The templates, compiled once a process; a missing value is an error, and everything is escaped."""
    import jinja2

    loader = jinja2.FileSystemLoader(_HERE / "templates")
    made = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    made.filters |= {"moment": _moment, "dollars": _dollars, "about": _about, "prose": prose}
    return made


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _dollars(amount: float | None) -> str:
    return "no limit" if amount is None else f"${amount:,.2f}"


def _about(amount: float | None) -> str:
    """An estimate: two digits that mean something."""
    if amount is None:
        return "of unknown price"
    return "free" if amount == 0 else f"about ${amount:.2f}" if amount >= 0.01 else f"about ${amount:.1g}"
