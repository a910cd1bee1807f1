"""The page of a pull request: its runs, its findings over time, why it was not reviewed, and commands."""

from typing import NamedTuple
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from app.authorization.daily_command_limit import Asker
from app.github.permissions import Permission
from app.github.users import SeenRepository
from app.reporters.text.status_text import status_line
from app.requests.pull_request_commands import CommandRefused, NamedFinding, PullCommands, PullPlace, find_place
from app.requests.reviews import request_review
from app.store.reviews import pauses
from app.store.reviews.pull_runs import runs_of
from app.store.reviews.pull_status import Stage, status_of
from app.web.errors import Hidden, NotAllowed
from app.web.pages import render
from app.web.viewer import SignedIn, Viewer
from webhooks.jobs import RepositoryRef

router = APIRouter()
# The column has 31 bits, and PostgreSQL rejects a comparison with a larger number.
_LARGEST = 2**31 - 1
_DONE = {
    "review": "A review of the newest commit is queued. It is listed here within seconds.",
    "pause": "Paused: pushes are not reviewed until someone resumes. A review can still be started here.",
    "resume": "Resumed: pushes are reviewed again.",
    "dismiss": "Dismissed: it will not be posted again. The summary on GitHub is updated.",
    "restore": "Restored. The summary on GitHub is updated.",
    "helpful": "Thanks. The models that found it count more from now on.",
    "not-helpful": "Thanks. The models that found it count less from now on.",
}


class PullPath(NamedTuple):
    """The pull request of an address."""

    owner: str
    name: str
    number: int

    @property
    def repository(self) -> str:
        return f"{self.owner}/{self.name}"


def done_line(command: str) -> str:
    """The message after a command; "" for an unknown command."""
    return _DONE.get(command, "")


@router.get("/repos/{owner}/{name}/pulls/{number:int}")
async def pull_request(request: Request, owner: str, name: str, number: int, viewer: SignedIn) -> Response:
    """The page, for people with write access to the repository."""
    path = PullPath(owner, name, number)
    repository = await _repository(viewer, path)
    async with viewer.services.database.read() as connection:
        status = await status_of(connection, repository.id, number)
        pull_runs = await runs_of(connection, repository.id, number)
        pause = await pauses.read_pause(connection, repository.id, number)
    return render(
        request,
        "pull.html",
        repository=repository.full_name,
        number=number,
        title=next((run.title for run in pull_runs.runs if run.title), ""),
        author=next((run.author for run in pull_runs.runs if run.author), ""),
        answer=status_line(status),
        reviewed=status.stage is Stage.REVIEWED,
        going=not status.stage.ended,
        paused=pause if pause is not None and pause.on else None,
        done=done_line(request.query_params.get("done", "")),
        kept=pull_runs,
        pull_url=f"{viewer.services.settings.github_web_url}/{repository.full_name}/pull/{number}",
    )


@router.post("/repos/{owner}/{name}/pulls/{number:int}/commands")
async def command(request: Request, owner: str, name: str, number: int, viewer: SignedIn) -> Response:
    """Run a command; the form contains its name, the run and the finding."""
    sent = await viewer.form(request)
    path = PullPath(owner, name, number)
    repository = await _repository(viewer, path)
    wanted = sent["command"]
    if wanted not in _DONE:
        raise Hidden
    place = await read_pull_place(viewer, repository, number)
    asker = Asker(viewer.login, viewer.github_id)
    finding = NamedFinding(sent["run"], sent["finding"])
    commands = PullCommands(viewer.services, place, asker)
    match wanted:
        case "review":
            await request_review(viewer.services, place.installation_id, place.repository, number, asker)
        case "pause" | "resume":
            await commands.pause(on=wanted == "pause")
        case "dismiss":
            await commands.dismiss(finding, sent["reason"].replace("\x00", ""))
        case "restore":
            await commands.restore(finding)
        case _:
            await commands.judge(finding, right=wanted == "helpful")
    if sent["back"] == "run" and finding.run_id:
        return RedirectResponse(f"/runs/{quote(finding.run_id, safe='')}?done={wanted}#f{quote(finding.short_id, safe='')}", 303)
    return RedirectResponse(f"/repos/{repository.full_name}/pulls/{number}?done={wanted}", 303)


async def _repository(viewer: Viewer, path: PullPath) -> SeenRepository:
    repository = await viewer.repository(path.repository)
    if not 0 < path.number <= _LARGEST:
        raise Hidden
    return repository


async def read_pull_place(viewer: Viewer, repository: SeenRepository, number: int) -> PullPlace:
    """The pull request with its settings. Raises NotAllowed if they require more than write access."""

    async def permission() -> Permission:
        return repository.permission

    reference = RepositoryRef(id=repository.id, full_name=repository.full_name)
    try:
        return await find_place(viewer.services, repository.installation_id, reference, number, permission)
    except CommandRefused as refused:
        raise NotAllowed(str(refused)) from None
