"""Shows the summary of a reviewed head again when that head becomes current again. Nothing is paid for."""

import structlog

from app.store.reviews import runs
from app.store.tables.core import RunState
from app.work.reviews.refresh_summary import refresh_run
from app.work.reviews.review_run import ReviewRun

log = structlog.get_logger(__name__)


async def restore(review: ReviewRun) -> None:
    """Post the run's summary again if a later run of another head replaced it."""
    run, services = review.run, review.services
    async with services.database.read() as connection:
        shown = await runs.last_shown(connection, run.repository.id, run.number)
        # A command or a re-run may have reviewed the head after this job's own run.
        latest = await runs.last_shown(connection, run.repository.id, run.number, run.head_sha)
        if latest is None or shown is None or shown.id == latest.id:
            return
    # Edit first: a job that fails here finds the outdated summary again, and a sweep does where GitHub refuses the edit.
    if not await refresh_run(services, review.github, run.repository, latest):
        return
    async with services.database.write() as connection:
        # This run is the newest on the pull request again. Later reviews are compared with it.
        await runs.touch_run(connection, latest.id, services.clock())
    log.info("posted the summary again", run=latest.id, instead_of=shown.id, incomplete=latest.state is RunState.INCOMPLETE)
