"""Check runs and workflow jobs, with GitHub's limits on them."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from app.sandbox.github.check_fields import check_fields
from app.sandbox.github.entities import CheckRun, Job, Json, Status, WorkflowRun
from app.sandbox.github.refusal import GitHubError, invalid, not_found, unprocessable

if TYPE_CHECKING:
    from app.sandbox.github.repository import SandboxRepository

TEXT_LIMIT = 65_535
ANNOTATIONS_A_REQUEST = 50
MESSAGE_LIMIT = 65_536
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "success", "skipped", "timed_out")
STATUSES = ("queued", "in_progress", "completed")
STATES = ("error", "failure", "pending", "success")
LEVELS = ("notice", "warning", "failure")
ACTION_LIMITS = {"label": 20, "identifier": 20, "description": 40}


class JobOptions(TypedDict, total=False):
    """How a job ran."""

    workflow: str
    conclusion: str
    steps: list[tuple[str, str]]
    annotations: list[Json]


def create(repository: "SandboxRepository", body: Json, app_slug: str) -> CheckRun:
    """Create a check run of an App on a commit."""
    check_fields(body, creates=True)
    if not body.get("name"):
        raise GitHubError(422, 'Invalid request.\n\n"name" wasn\'t supplied.')
    sha = str(body.get("head_sha") or "")
    if sha not in repository.commits:
        raise GitHubError(422, f"No commit found for SHA: {sha}")
    world = repository.world
    run = CheckRun(world.next_id(), _suite(repository, sha, app_slug), body["name"], sha, app_slug)
    _check(body)
    _apply(run, body, world.now())
    repository.check_runs[run.id] = run
    repository.tell("check_run", "created", world.app.bot, check_run=run)
    if run.status == "completed":
        repository.tell("check_run", "completed", world.app.bot, check_run=run)
    return run


def update(repository: "SandboxRepository", check_run_id: int, body: Json, app_slug: str) -> CheckRun:
    """Change a check run. Annotations are appended."""
    run = repository.check_runs.get(check_run_id)
    if run is None:
        raise not_found()
    if run.app_slug != app_slug:
        raise GitHubError(403, "Invalid app_id `" + app_slug + "` - check run can only be modified by the GitHub App that created it.")
    check_fields(body, creates=False)
    _check(body)
    done_before = run.status == "completed"
    _apply(run, body, repository.world.now())
    if run.status == "completed" and not done_before:
        repository.tell("check_run", "completed", repository.world.app.bot, check_run=run)
    return run


def _suite(repository: "SandboxRepository", sha: str, app_slug: str) -> int:
    same = (run.suite_id for run in repository.check_runs.values() if run.head_sha == sha and run.app_slug == app_slug)
    return next(same, 0) or repository.world.next_id()


def _check(body: Json) -> None:
    if body.get("status") not in (None, *STATUSES):
        raise invalid("CheckRun", "status", f"status must be one of {', '.join(STATUSES)}", "invalid")
    if body.get("conclusion") not in (None, *CONCLUSIONS):
        raise invalid("CheckRun", "conclusion", f"conclusion must be one of {', '.join(CONCLUSIONS)}", "invalid")
    if body.get("status") == "completed" and not body.get("conclusion"):
        raise unprocessable("conclusion is required when status is completed")
    output = body.get("output")
    if output is not None:
        _check_output(output)
    actions = body.get("actions") or []
    if len(actions) > 3:
        raise unprocessable("Only 3 actions are allowed")
    for action in actions:
        for key, limit in ACTION_LIMITS.items():
            if not action.get(key) or len(action[key]) > limit:
                raise invalid("CheckRun", key, f"{key} must have 1 to {limit} characters", "invalid")


def _check_output(output: Json) -> None:
    if "title" not in output or "summary" not in output:
        raise GitHubError(422, 'Invalid request.\n\n"title", "summary" weren\'t supplied.')
    for key in ("summary", "text"):
        if len(output.get(key) or "") > TEXT_LIMIT:
            raise invalid("CheckRun", key, f"{key} exceeds a maximum of {TEXT_LIMIT} characters")
    annotations = output.get("annotations") or []
    if len(annotations) > ANNOTATIONS_A_REQUEST:
        raise GitHubError(
            422, f"Invalid request.\n\nNo more than {ANNOTATIONS_A_REQUEST} items are allowed; {len(annotations)} were supplied."
        )
    for annotation in annotations:
        _check_annotation(annotation)


def _check_annotation(each: Mapping[str, Any]) -> None:
    missing = [key for key in ("path", "start_line", "end_line", "annotation_level", "message") if each.get(key) in (None, "")]
    if missing:
        raise GitHubError(422, f"Invalid request.\n\n{', '.join(missing)} weren't supplied.")
    if each["annotation_level"] not in LEVELS:
        raise invalid("CheckRunAnnotation", "annotation_level", f"must be one of {', '.join(LEVELS)}", "invalid")
    if not 1 <= each["start_line"] <= each["end_line"]:
        raise invalid("CheckRunAnnotation", "end_line", "end_line must not be before start_line", "invalid")
    if len(each["message"].encode()) > MESSAGE_LIMIT or len(each.get("title") or "") > 255:
        raise invalid("CheckRunAnnotation", "message", "message or title is too long", "invalid")
    if each["start_line"] != each["end_line"] and (each.get("start_column") or each.get("end_column")):
        raise invalid("CheckRunAnnotation", "start_column", "columns need start_line and end_line to be the same", "invalid")


def _apply(run: CheckRun, body: Json, now: datetime) -> None:
    for key in ("name", "external_id", "details_url"):
        if body.get(key) is not None:
            setattr(run, key, body[key])
    output = body.get("output") or {}
    for key in ("title", "summary", "text"):
        if key in output:
            setattr(run, key, output[key])
    run.annotations += output.get("annotations") or []
    run.actions = body.get("actions", run.actions)
    run.status = "completed" if body.get("conclusion") else body.get("status") or run.status
    if run.status != "completed":
        run.conclusion, run.completed_at = None, None
    if run.status != "queued" and run.started_at is None:
        run.started_at = now
    if body.get("conclusion"):
        run.conclusion, run.completed_at = body["conclusion"], now


def add_job(repository: "SandboxRepository", sha: str, name: str, log: str, **options: Unpack[JobOptions]) -> Job:
    """Add a job of GitHub Actions on a commit, with its workflow run and check run."""
    world, now = repository.world, repository.world.now()
    workflow = options.get("workflow") or "CI"
    conclusion = options.get("conclusion", "success")
    run = next((each for each in repository.workflow_runs.values() if each.head_sha == sha and each.name == workflow), None)
    branch = next((pull.head_ref for pull in repository.pulls.values() if pull.head_sha == sha), repository.default_branch)
    if run is None:
        number = len(repository.workflow_runs) + 1
        suite = _suite(repository, sha, "github-actions")
        actor = world.user(repository.commits[sha].author)
        run = WorkflowRun(world.next_id(), workflow, number, sha, branch, now, actor, suite)
        repository.workflow_runs[run.id] = run
    check = CheckRun(world.next_id(), run.suite_id, name, sha, "github-actions", status="completed", conclusion=conclusion)
    check.started_at, check.completed_at = now, now
    check.annotations = list(options.get("annotations") or [])
    repository.check_runs[check.id] = check
    job = Job(check.id, run.id, name, sha, branch, conclusion, log, now, check.id, list(options.get("steps") or []))
    run.jobs.append(job)
    run.conclusion = "failure" if any(each.conclusion == "failure" for each in run.jobs) else "success"
    repository.tell("workflow_run", "completed", run.actor, workflow_run=run)
    return job


def add_status(repository: "SandboxRepository", sha: str, body: Json, by: str) -> Status:
    """Add a commit status, as CI without check runs does."""
    world = repository.world
    if sha not in repository.commits:
        raise unprocessable(f"No commit found for SHA: {sha}")
    if body.get("state") not in STATES:
        raise invalid("Status", "state", f"state must be one of {', '.join(STATES)}", "invalid")
    context = str(body.get("context") or "default")
    made = Status(
        world.next_id(), sha, context, body["state"], body.get("description"), body.get("target_url"), world.user(by), world.now()
    )
    repository.statuses.append(made)
    repository.tell("status", None, made.creator, status=made)
    return made


def newest_statuses(repository: "SandboxRepository", sha: str) -> list[Status]:
    """The newest status of each context."""
    newest = {status.context: status for status in repository.statuses if status.sha == sha}
    return sorted(newest.values(), key=lambda status: -status.id)
