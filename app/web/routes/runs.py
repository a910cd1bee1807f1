"""The Runs pages: the list, one run, its exports, and a new review."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from app.authorization.daily_command_limit import Asker
from app.errors import UserError
from app.github.permissions import Permission
from app.requests.reviews import request_review
from app.store.reviews import dispositions, run_list, run_page
from app.store.reviews.run_list import Filter, RunSummary
from app.store.reviews.transcripts import LOST
from app.store.tables.core import RunState
from app.web.errors import Hidden
from app.web.pages import render
from app.web.routes.pulls import done_line, read_pull_place
from app.web.stream import follow
from app.web.viewer import SignedIn, Viewer
from app.web.views.csv_table import MEDIA_TYPE, name_file, to_csv

router = APIRouter()
_ASKED = ("repository", "state", "cause", "author", "q", "from", "to")
_CAUSES = ("auto", "command", "rerun")
_COLUMNS = (
    *("run", "repository", "pull request", "head", "title", "author"),
    *("started by", "state", "headline", "reason", "begun", "changed", "usd"),
)
_MOST_ROWS, _ROWS_AT_ONCE = 20_000, 500


@router.get("/runs")
async def runs(request: Request, viewer: SignedIn) -> Response:
    """The runs of the repositories that the person can write to, newest first."""
    asked = _asked(request)
    reached = [repository for repository in await viewer.repositories() if repository.permission >= Permission.WRITE]
    wanted = [repository.id for repository in reached if asked["repository"] in {"", repository.full_name}]
    filters = _filter(asked, request.query_params.get("before", ""))
    async with viewer.services.database.read() as connection:
        page = await run_list.page(connection, wanted, filters)
    following = ""
    if page.following:
        at, name = page.following
        following = "/runs?" + urlencode({**{key: value for key, value in asked.items() if value}, "before": f"{at!r}:{name}"})
    return render(
        request,
        "runs.html",
        page=page,
        asked=asked,
        following=following,
        narrowed=any(asked.values()),
        as_csv="/runs.csv?" + urlencode({key: value for key, value in asked.items() if value}),
        repositories=sorted(repository.full_name for repository in reached),
        names={repository.id: repository.full_name for repository in reached},
        states=[state.value for state in RunState],
        causes=_CAUSES,
        now=viewer.services.clock(),
    )


@router.get("/runs.csv")
async def runs_as_csv(request: Request, viewer: SignedIn) -> Response:
    """The newest runs as CSV, at most 20,000, read and sent in portions."""
    asked, reached = (
        _asked(request),
        [repository for repository in await viewer.repositories() if repository.permission >= Permission.WRITE],
    )
    wanted = [repository.id for repository in reached if asked["repository"] in {"", repository.full_name}]

    async def rows() -> AsyncIterator[str]:
        yield to_csv([_COLUMNS])
        filters: Filter | None = _filter(asked, "")
        for _ in range(_MOST_ROWS // _ROWS_AT_ONCE):
            if filters is None:
                return
            async with viewer.services.database.read() as connection:
                page = await run_list.page(connection, wanted, filters, _ROWS_AT_ONCE)
            yield to_csv([_row(line) for line in page.lines])
            filters = replace(filters, before=page.following) if page.following else None

    return StreamingResponse(rows(), media_type=MEDIA_TYPE, headers=name_file("runs"))


def _row(line: RunSummary) -> tuple[str, ...]:
    begun, ended = (f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}" for at in (line.created_at, line.updated_at))
    place = (line.id, line.repository, str(line.number), line.head_sha, line.title, line.author)
    return (*place, line.cause, line.state.value, line.headline, line.reason, begun, ended, f"{line.usd:.4f}")


def _asked(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "").replace("\x00", "")[:200] for name in _ASKED}


def _filter(asked: dict[str, str], before: str) -> Filter:
    """The filter of a query; invalid values are ignored."""
    since, until = _day(asked["from"]), _day(asked["to"])
    at, _, name = before.replace("\x00", "").partition(":")
    try:
        place = (float(at), name) if name else None
    except ValueError:
        place = None
    return Filter(
        state=asked["state"],
        cause=asked["cause"],
        author=asked["author"],
        words=asked["q"],
        since=since.timestamp() if since else None,
        until=(until + timedelta(days=1)).timestamp() if until else None,
        before=place,
    )


def _day(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) if text else None
    except ValueError:
        return None


async def _facts(viewer: Viewer, run_id: str) -> run_page.RunFacts:
    """A run that the person can see. Raises Hidden otherwise, even if it exists."""
    if "\x00" in run_id:
        raise Hidden
    async with viewer.services.database.read() as connection:
        repository_id = await run_page.repository_of(connection, run_id)
    if repository_id is None or await viewer.may(repository_id) < Permission.WRITE:
        raise Hidden
    async with viewer.services.database.read() as connection:
        return await run_page.read_run(connection, run_id)


@router.get("/runs/{run_id}")
async def run(request: Request, run_id: str, viewer: SignedIn) -> Response:
    """The page of one run."""
    from app.web.views.run import view

    facts = await _facts(viewer, run_id)
    async with viewer.services.database.read() as connection:
        decided = await dispositions.decisions_about(connection, facts.repository_id, facts.number)
    values: dict[str, Any] = {
        "view": view(facts, viewer.services.settings.github_web_url, viewer.services.clock(), decided),
        "repository": await _present_name(viewer, facts),
        "asked_again": request.query_params.get("again") == "1",
        "done": done_line(request.query_params.get("done", "")),
    }
    return render(request, "run.html", **values)


async def _present_name(viewer: Viewer, facts: run_page.RunFacts) -> str:
    """The repository's current name for links; the run stores its name at that time."""
    names = {repository.id: repository.full_name for repository in await viewer.repositories()}
    return names.get(facts.repository_id, facts.repository)


@router.get("/runs/{run_id}/shown")
async def show_material(request: Request, run_id: str, viewer: SignedIn) -> Response:
    """The page of what each model of a run was shown."""
    from app.web.views.shown import list_material, list_seats
    from reviewers.context.snapshot import Snapshot
    from reviewers.values.verdict import Verdict

    facts = await _facts(viewer, run_id)
    if facts.snapshot is None:
        raise UserError(LOST if facts.lost else "What the models of this run were shown is no longer stored.")
    groups = list_material(Snapshot.model_validate_json(facts.snapshot))
    seats = list_seats(Verdict.model_validate_json(facts.verdict)) if facts.verdict else ()
    return render(request, "shown.html", run=facts, repository=await _present_name(viewer, facts), groups=groups, seats=seats)


@router.get("/runs/{run_id}/events")
async def events(request: Request, run_id: str, viewer: SignedIn) -> Response:
    """A server-sent event for each change of the run, after which the page reloads."""
    await _facts(viewer, run_id)

    async def look() -> tuple[tuple[str, int, int], bool]:
        async with viewer.services.database.read() as connection:
            pulse = await run_page.read_progress(connection, run_id)
        return pulse, RunState(pulse[0]).ended

    async def check() -> None:
        await viewer.require_session()
        await _facts(viewer, run_id)

    return follow(request, look, check, viewer.services.sleep)


@router.get("/runs/{run_id}/export.json")
async def as_json(run_id: str, viewer: SignedIn) -> Response:
    """The verdict as stored."""
    return _file(await _verdict(viewer, run_id), "application/json", f"council-{run_id}.json")


@router.get("/runs/{run_id}/export.sarif")
async def as_sarif(run_id: str, viewer: SignedIn) -> Response:
    """The findings to fix as SARIF."""
    from app.reporters.sarif import to_sarif
    from reviewers.values.verdict import Verdict

    return _file(to_sarif(Verdict.model_validate_json(await _verdict(viewer, run_id))), "application/sarif+json", f"council-{run_id}.sarif")


async def _verdict(viewer: Viewer, run_id: str) -> str:
    facts = await _facts(viewer, run_id)
    if facts.verdict is None:
        raise UserError(LOST if facts.lost else "This run has no verdict: it ended before that, or the verdict is no longer stored.")
    return facts.verdict


def _file(text: str, media_type: str, name: str) -> Response:
    safe = "".join(letter for letter in name if letter.isalnum() or letter in "-._")
    return Response(text, media_type=media_type, headers={"content-disposition": f'attachment; filename="{safe}"'})


@router.post("/runs/{run_id}/again")
async def review_again(request: Request, run_id: str, viewer: SignedIn) -> Response:
    """Start a review of the pull request's current head."""
    await viewer.form(request)
    facts = await _facts(viewer, run_id)
    place = await read_pull_place(viewer, await viewer.repository(facts.repository), facts.number)
    asked = (place.installation_id, place.repository, place.number)
    await request_review(viewer.services, *asked, Asker(viewer.login, viewer.github_id))
    return RedirectResponse(f"/runs/{run_id}?again=1", 303)
