"""Waits for CI before a review, as `ci.wait_seconds` says. The job goes back to the queue, so that no worker slot waits."""

from app.errors import Postponed
from app.github.ci_logs import running
from app.github.installation_client import InstallationClient
from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob, postpone
from app.store.reviews import heads
from app.store.reviews.runs import Run

STEP = 20.0


async def wait_for_checks(services: WorkerServices, claim: LeasedJob, run: Run, github: InstallationClient, seconds: int) -> None:
    """Return when no other check is running or the time is over. Until then, postpone the job and raise Superseded."""
    if not seconds:
        return
    async with services.database.read() as connection:
        left = await heads.opened_at(connection, run.id) + seconds - services.clock()
    if left <= 0 or not await running(github, run.repository.full_name, run.head_sha, int(services.settings.app_id)):
        return
    async with services.database.write() as connection:
        await postpone(connection, claim, services.clock() + min(left, STEP), "waits for CI", failed=False)
    raise Postponed("CI still runs")
