"""The home page, with and without a sign-in, and static files."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response

from app.authorization.plan_quota import month_of
from app.configuration.settings_layers import month_caps
from app.github.permissions import Permission
from app.store.dashboard import read_dashboard
from app.store.spending import typical_costs
from app.web.errors import Hidden
from app.web.pages import render
from app.web.sessions import desk_of, session_of
from app.web.viewer import Viewer

router = APIRouter()
_STATIC = Path(__file__).parents[1] / "static"
_MEDIA = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}


@router.get("/")
async def home(request: Request) -> Response:
    """The person's repositories, or the welcome page without a sign-in."""
    session = await session_of(request)
    if session is None or not session.github_id:
        return render(request, "welcome.html", set_up=desk_of(request).settings.is_set_up)
    from app.web.views.home import count_open, list_owners

    viewer, services = Viewer(desk_of(request), session, ""), desk_of(request)
    repositories, now = await viewer.repositories(), services.clock()
    writable = [repository for repository in repositories if repository.permission >= Permission.WRITE]
    async with services.database.read() as connection:
        board = await read_dashboard(connection, [repository.id for repository in writable], now, month_of(now).timestamp())
        # The web process has no provider keys; workers report which models they can call.
        models = [cost.able for cost in await typical_costs.list_typical_costs(connection) if cost.kind == "model"]
        caps = await month_caps(connection, services.settings.caps, {repository.id: repository.installation_id for repository in writable})
    owners = list_owners(repositories, board, caps, has_model=not models or any(models))
    rows = [row for owner in owners for row in owner.rows]
    near = [row for row in rows if row.money.tone]
    facts: dict[str, Any] = {
        "open_findings": count_open(rows),
        "spent": sum(board.usd.values()),
        "near": near,
        "month": f"{month_of(now):%B}",
    }
    return render(
        request, "home.html", owners=owners, board=board, names={repository.id: repository.full_name for repository in writable}, **facts
    )


@router.get("/static/{name}")
async def static(name: str) -> Response:
    """A static file, cached by browsers for an hour."""
    path = _STATIC / name
    if path.parent != _STATIC or path.suffix not in _MEDIA or not path.is_file():
        raise Hidden
    return Response(path.read_bytes(), media_type=_MEDIA[path.suffix], headers={"cache-control": "public, max-age=3600"})
