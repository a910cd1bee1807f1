"""Reads the log of an Actions job, and of the same job's last passing run on the base branch."""

import asyncio

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.checks import CheckState
from app.github.installation_client import GitHubModel, InstallationClient
from reviewers.context.ci_log.shortening import shorten_log

# A cause is near the end; reading 16 MB took 45 MB of memory.
HEAD_BYTES, TAIL_BYTES = 1_000_000, 7_000_000
GREEN_RUNS = 1


class _Run(GitHubModel):
    id: int
    workflow_id: int = 0


class _Job(GitHubModel):
    id: int
    name: str
    conclusion: str | None = None


async def log_of(github: InstallationClient, full_name: str, job: int) -> bytes:
    """A job's log in UTF-8, streamed from a link that lives one minute. One read. Empty if it is gone.

    Its middle is left out above 8 MB, or above 100,000 lines.
    """
    try:
        log = await github.ends(f"/repos/{full_name}/actions/jobs/{job}/logs", HEAD_BYTES, TAIL_BYTES)
    except (NotFound, GitHubRejected, Unavailable):
        return b""
    return await asyncio.to_thread(shorten_log, log)


async def green_job(github: InstallationClient, full_name: str, check: CheckState, base: tuple[CheckState, ...], base_ref: str) -> int:
    """The same job in its last passing run on the base branch, or 0.

    No read if the tip of the base branch has it. Otherwise three: the run (for its workflow), the workflow's last passing run, and its
    jobs.
    """
    tip = next((one for one in base if one.of_actions and one.name == check.name and one.conclusion == "success"), None)
    if tip is not None:
        return tip.job
    if not check.run or not base_ref:
        return 0
    root = f"/repos/{full_name}/actions"
    try:
        run = await github.get(f"{root}/runs/{check.run}", _Run)
        query = {"branch": base_ref, "status": "success"}
        green = await github.pages(f"{root}/workflows/{run.workflow_id}/runs", _Run, GREEN_RUNS, query, key="workflow_runs")
        jobs = await github.pages(f"{root}/runs/{green[0].id}/jobs", _Job, 100, key="jobs") if green else ()
    except (NotFound, GitHubRejected, Unavailable):
        return 0
    return next((job.id for job in jobs if job.name == check.name and job.conclusion == "success"), 0)
