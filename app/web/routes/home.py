"""The first page: what Council is for a stranger, the repositories one reaches for who is signed in; and static files."""

from itertools import groupby
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.github.permissions import Permission
from app.web.errors import Hidden
from app.web.pages import render
from app.web.sessions import desk_of, session_of
from app.web.viewer import Viewer

router = APIRouter()
_STATIC = Path(__file__).parents[1] / "static"
_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@router.get("/")
async def home(request: Request) -> Response:
    """The repositories of who is signed in."""
    session = await session_of(request)
    if session is None or not session.github_id:
        return render(request, "welcome.html", set_up=desk_of(request).settings.is_set_up)
    viewer = Viewer(desk_of(request), session, "")
    found = sorted(await viewer.repositories(), key=lambda each: (each.full_name.partition("/")[0].lower(), each.full_name.lower()))
    owners = [(owner, list(each)) for owner, each in groupby(found, key=lambda each: each.full_name.partition("/")[0])]
    return render(request, "home.html", owners=owners, writing=Permission.WRITE)


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """One of our own files; browsers ask again after an hour."""
    path = _STATIC / name
    if path.parent != _STATIC or path.suffix not in _MEDIA or not path.is_file():
        raise Hidden
    return Response(path.read_bytes(), media_type=_MEDIA[path.suffix], headers={"cache-control": "public, max-age=3600"})
