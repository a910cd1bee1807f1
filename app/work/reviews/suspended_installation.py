"""Ends the job of an installation that is suspended or deleted. Nothing can be posted, and a sweep follows the end of a suspension."""

import structlog

from app.errors import Superseded
from app.services.worker import WorkerServices
from app.store.queue import jobs
from app.store.reviews import runs
from app.store.tables.core import RunState
from app.work.job_telemetry import observe_run_end

log = structlog.get_logger(__name__)


async def end_run(services: WorkerServices, claim: jobs.LeasedJob, reason: str) -> None:
    """End the run that this job began, so that its head counts as not reviewed."""
    log.info("the installation is suspended or was removed", reason=reason)
    async with services.database.write() as connection:
        run = await runs.left_by(connection, claim.job_id)
        if run is None or run.state.ended:
            return
        try:
            await runs.advance_run(connection, claim, run, RunState.SUPERSEDED, services.clock(), reason=reason[:500])
        except Superseded:
            return
    observe_run_end(services, claim, RunState.SUPERSEDED)
