"""Routes of GitHub Actions: runs, jobs and their logs behind a one-minute link."""

import secrets
from datetime import timedelta

from app.sandbox.github.entities import Job, WorkflowRun
from app.sandbox.github.exchange import Route, SandboxRequest, SandboxResponse
from app.sandbox.github.refusal import GitHubError, not_found
from app.sandbox.github.shapes import runs

LOGS_KEPT = timedelta(days=90)


def list_runs(call: SandboxRequest) -> SandboxResponse:
    repo, query = call.repository, call.query
    workflow_runs = [
        run
        for run in sorted(repo.workflow_runs.values(), key=lambda run: -run.id)
        if query.get("head_sha") in (None, run.head_sha)
        and query.get("branch") in (None, run.head_branch)
        and query.get("status") in (None, run.status, run.conclusion)
    ]
    return call.page(workflow_runs, lambda run: runs.workflow_run(call.links, repo, run), "workflow_runs")


def list_workflow_runs(call: SandboxRequest) -> SandboxResponse:
    """The runs of one workflow, newest first."""
    repo, query = call.repository, call.query
    workflow_runs = [
        run
        for run in sorted(repo.workflow_runs.values(), key=lambda run: -run.id)
        if runs.workflow_id(run.name) == call.number("workflow")
        and query.get("branch") in (None, run.head_branch)
        and query.get("status") in (None, run.status, run.conclusion)
    ]
    if not any(runs.workflow_id(run.name) == call.number("workflow") for run in repo.workflow_runs.values()):
        raise not_found()
    return call.page(workflow_runs, lambda run: runs.workflow_run(call.links, repo, run), "workflow_runs")


def get_run(call: SandboxRequest) -> SandboxResponse:
    run = call.repository.workflow_runs.get(call.number("run"))
    if run is None:
        raise not_found()
    return SandboxResponse(runs.workflow_run(call.links, call.repository, run))


def list_jobs(call: SandboxRequest) -> SandboxResponse:
    repo = call.repository
    run = repo.workflow_runs.get(call.number("run"))
    if run is None:
        raise not_found()
    return call.page(run.jobs, lambda job: runs.job(call.links, repo, job, run.name), "jobs")


def _job(call: SandboxRequest) -> tuple[WorkflowRun, Job]:
    for run in call.repository.workflow_runs.values():
        for job in run.jobs:
            if job.id == call.number("job"):
                return run, job
    raise not_found()


def get_job(call: SandboxRequest) -> SandboxResponse:
    run, job = _job(call)
    return SandboxResponse(runs.job(call.links, call.repository, job, run.name))


def get_job_log(call: SandboxRequest) -> SandboxResponse:
    """A redirect to a store on another host, valid for one minute. After 90 days the log is gone.

    https://docs.github.com/en/rest/actions/workflow-jobs#download-job-logs-for-a-workflow-run
    https://docs.github.com/en/organizations/managing-organization-settings/configuring-the-retention-period-for-github-actions-artifacts-and-logs-in-your-organization
    """
    _, job = _job(call)
    if call.github.world.now() - job.started_at > LOGS_KEPT:
        raise GitHubError(410, "The logs for this run have expired and are no longer available.")
    ticket = secrets.token_urlsafe(12)
    call.github.log_links[ticket] = (call.github.world.now().timestamp() + 60, job.log)
    return SandboxResponse(status=302, headers={"location": call.github.log_host or f"{call.links.store}/_logs/{ticket}"})


REPO = "/repos/{owner}/{repo}/actions"
ROUTES = (
    Route("GET", REPO + "/runs", list_runs, "actions:read"),
    Route("GET", REPO + "/workflows/{workflow}/runs", list_workflow_runs, "actions:read"),
    Route("GET", REPO + "/runs/{run}", get_run, "actions:read"),
    Route("GET", REPO + "/runs/{run}/jobs", list_jobs, "actions:read"),
    Route("GET", REPO + "/jobs/{job}", get_job, "actions:read"),
    Route("GET", REPO + "/jobs/{job}/logs", get_job_log, "actions:read"),
)
