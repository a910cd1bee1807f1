"""Routes of check runs and statuses."""

from app.sandbox.github import checks
from app.sandbox.github.entities import CheckRun
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import not_found
from app.sandbox.github.shapes import code, runs


def create_check_run(call: SandboxRequest) -> SandboxResponse:
    check_run = checks.create(call.repository, call.body, call.github.world.app.slug)
    call.github.written(check_run.id)
    return SandboxResponse(runs.check_run(call.links, call.repository, check_run), 201)


def update_check_run(call: SandboxRequest) -> SandboxResponse:
    changed = checks.update(call.repository, call.number("run"), call.body, call.github.world.app.slug)
    return SandboxResponse(runs.check_run(call.links, call.repository, changed))


def _run(call: SandboxRequest) -> CheckRun:
    check_runs = call.fresh([call.repository.check_runs[number] for number in [call.number("run")] if number in call.repository.check_runs])
    if not check_runs:
        raise not_found()
    return check_runs[0]


def get_check_run(call: SandboxRequest) -> SandboxResponse:
    return SandboxResponse(runs.check_run(call.links, call.repository, _run(call)))


def list_annotations(call: SandboxRequest) -> SandboxResponse:
    run, repo = _run(call), call.repository
    return call.page(run.annotations, lambda each: runs.annotation(call.links, repo, run, each))


def list_check_runs(call: SandboxRequest) -> SandboxResponse:
    """Check runs of a commit, by default only the newest of each name."""
    repo = call.repository
    sha, query = repo.resolve(call.params["ref"]).sha, call.query
    ids = {"github-actions": "15368", call.github.world.app.slug: str(call.github.world.app.id)}
    check_runs = [
        run
        for run in sorted(call.fresh(repo.check_runs.values()), key=lambda run: -run.id)
        if run.head_sha == sha
        and query.get("check_name") in (None, run.name)
        and query.get("status") in (None, run.status)
        and query.get("app_id") in (None, ids.get(run.app_slug))
    ]
    if query.get("filter", "latest") == "latest":
        newest: dict[tuple[str, str], CheckRun] = {}
        for run in check_runs:
            newest.setdefault((run.app_slug, run.name), run)
        check_runs = list(newest.values())
    return call.page(check_runs, lambda run: runs.check_run(call.links, repo, run), "check_runs")


def get_status(call: SandboxRequest) -> SandboxResponse:
    """The combined status: the newest of each context, failed if one did, pending if one waits or there is none."""
    repo = call.repository
    sha, api = repo.resolve(call.params["ref"]).sha, call.links.repo(repo.full_name)
    found = checks.newest_statuses(repo, sha)
    addresses = {"url": f"{api}/commits/{sha}/status", "commit_url": f"{api}/commits/{sha}"}
    page = call.page(found, lambda status: runs.status(call.links, repo, status), "statuses")
    body = page.body | {"state": _combined({status.state for status in found}), "sha": sha} | addresses
    return SandboxResponse(body | {"repository": code.minimal_repository(call.links, repo)}, headers=page.headers)


def _combined(states: set[str]) -> str:
    if states & {"failure", "error"}:
        return "failure"
    return "success" if states == {"success"} else "pending"


REPO = "/repos/{owner}/{repo}"
ROUTES = (
    Route("POST", REPO + "/check-runs", create_check_run, "checks:write"),
    Route("PATCH", REPO + "/check-runs/{run}", update_check_run, "checks:write"),
    Route("GET", REPO + "/check-runs/{run}", get_check_run, "checks:read"),
    Route("GET", REPO + "/check-runs/{run}/annotations", list_annotations, "checks:read"),
    Route("GET", REPO + "/commits/{ref}/check-runs", list_check_runs, "checks:read"),
    Route("GET", REPO + "/commits/{ref}/status", get_status, "statuses:read"),
)
