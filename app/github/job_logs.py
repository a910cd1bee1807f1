"""The log of an Actions job, and of the last run of the same job on the base branch that passed."""

from app.errors import NotFound, Refused, Unavailable
from app.github.checks import Check
from app.github.client import GitHub, Shape

HEAD_BYTES, TAIL_BYTES = 1_000_000, 15_000_000
GREEN_RUNS = 1


class _Run(Shape):
    id: int
    workflow_id: int = 0


class _Job(Shape):
    id: int
    name: str
    conclusion: str | None = None


async def log_of(github: GitHub, full_name: str, job: int) -> bytes:
    """A job's log, streamed from a link that lives one minute, its middle left out above 16 MB; empty if it is gone. One read."""
    try:
        return await github.ends(f"/repos/{full_name}/actions/jobs/{job}/logs", HEAD_BYTES, TAIL_BYTES)
    except (NotFound, Refused, Unavailable):
        return b""


async def green_job(github: GitHub, full_name: str, check: Check, base: tuple[Check, ...], base_ref: str) -> int:
    """The same job where it last passed on the base branch, or 0.

    No read if the tip of the base branch has it; else three: the run (for its workflow), that workflow's last green run, its jobs.
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
    except (NotFound, Refused, Unavailable):
        return 0
    return next((job.id for job in jobs if job.name == check.name and job.conclusion == "success"), 0)
