"""Processes a past delivery again, fetched from GitHub by its GUID. Work that is done already is not repeated."""

import structlog

from app.errors import UserError
from app.github.deliveries import KEPT_SECONDS, latest, payload_of
from app.services.worker import WorkerServices
from app.store.queue import job_list
from app.store.queue.jobs import LeasedJob, require_lease
from app.store.tables.core import JobState
from webhooks.delivery import Delivery
from webhooks.handlers import jobs_of
from webhooks.jobs import Replay

log = structlog.get_logger(__name__)


async def run(services: WorkerServices, claim: LeasedJob[Replay]) -> JobState:
    """The job. A key that is done is not queued again, so a replay has no second effect."""
    job = claim.job
    async with services.github.as_app() as github:
        attempt = await latest(github, job.guid, services.clock() - KEPT_SECONDS)
        payload = await payload_of(github, attempt) if attempt else None
    if attempt is None or payload is None:
        raise UserError(f"GitHub no longer has the delivery {job.guid}; it keeps deliveries for three days")
    delivery = Delivery.from_api(attempt.guid, attempt.event, payload)
    jobs = [(services.new_id(), spending) for spending in jobs_of(delivery, services.settings.app_slug) or ()]
    async with services.database.write() as connection:
        await require_lease(connection, claim)
        queued = await job_list.queue_again(connection, jobs, services.clock())
    log.info("replayed", delivery=job.guid, queued=queued, jobs=len(jobs))
    return JobState.DONE
