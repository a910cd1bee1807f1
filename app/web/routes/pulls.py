"""A pull request: all its runs, what was found, and why it was not reviewed."""

from fastapi import APIRouter, Request, Response

from app.reporters.status_text import status_line
from app.store.pull_runs import runs_of
from app.store.pull_status import Stage, status_of
from app.web.errors import Hidden
from app.web.pages import render
from app.web.viewer import SignedIn

router = APIRouter()
# The column holds 31 bits, and PostgreSQL refuses to compare it with more.
_LARGEST = 2**31 - 1


@router.get("/repos/{owner}/{name}/pulls/{number:int}")
async def pull_request(request: Request, owner: str, name: str, number: int, viewer: SignedIn) -> Response:
    """One pull request, for people who may write to its repository, like its runs."""
    repository = await viewer.repository(f"{owner}/{name}")
    if not 0 < number <= _LARGEST:
        raise Hidden
    async with viewer.desk.database.read() as connection:
        status = await status_of(connection, repository.id, number)
        kept = await runs_of(connection, repository.id, number)
    return render(
        request,
        "pull.html",
        repository=repository.full_name,
        number=number,
        title=next((run.title for run in kept.runs if run.title), ""),
        author=next((run.author for run in kept.runs if run.author), ""),
        answer=status_line(status),
        reviewed=status.stage is Stage.REVIEWED,
        going=not status.stage.ended,
        kept=kept,
        pull_url=f"{viewer.desk.settings.github_web_url}/{repository.full_name}/pull/{number}",
    )
