"""Create, list and revoke personal tokens of the HTTP API."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.authorization.api_tokens import LIFE_DAYS, issue_token, new_token
from app.authorization.daily_command_limit import Asker
from app.github.permissions import Permission
from app.store.security import api_tokens
from app.web.errors import Hidden
from app.web.pages import render
from app.web.viewer import SignedIn, Viewer
from webhooks.jobs import RepositoryRef

router = APIRouter()
# The lifetimes that the form offers, in days.
_LIVES = ("7", "30", "90", "365")


@router.get("/tokens")
async def list_tokens(request: Request, viewer: SignedIn) -> Response:
    """The person's tokens."""
    return await _page(request, viewer, "")


@router.post("/tokens")
async def make(request: Request, viewer: SignedIn) -> Response:
    """Create a token for one repository. Only this response shows it."""
    sent = await viewer.form(request)
    repository = await viewer.repository(sent["repository"])
    name = sent["name"].replace("\x00", "").strip()[:80] or "token"
    reference = RepositoryRef(id=repository.id, full_name=repository.full_name)
    owner, now = Asker(viewer.login, viewer.github_id), viewer.services.clock()
    token = new_token(owner, repository.installation_id, reference, name, now, _days(sent["days"]))
    return await _page(request, viewer, await issue_token(viewer.services.database, token))


@router.post("/tokens/{token_id}/revoke")
async def revoke(request: Request, token_id: str, viewer: SignedIn) -> Response:
    """Revoke one of the person's tokens. Other people's tokens do not match."""
    await viewer.form(request)
    async with viewer.services.database.write() as connection:
        known = await api_tokens.revoke(connection, viewer.github_id, token_id.replace("\x00", ""))
    if not known:
        raise Hidden
    return RedirectResponse("/tokens", 303)


def _days(text: str) -> int:
    return int(text) if text in _LIVES else LIFE_DAYS


async def _page(request: Request, viewer: Viewer, secret: str) -> Response:
    reached = [repository.full_name for repository in await viewer.repositories() if repository.permission >= Permission.WRITE]
    async with viewer.services.database.read() as connection:
        mine = await api_tokens.of_user(connection, viewer.github_id)
    return render(request, "tokens.html", secret=secret, tokens=mine, repositories=sorted(reached), now=viewer.services.clock())
