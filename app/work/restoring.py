"""A head that was reviewed before is wanted again: its summary takes the place of the one of another head, and nothing is bought."""

import structlog

from app.store import runs
from app.store.tables import RunState
from app.work.opening import Review
from app.work.refreshing import refresh_run

log = structlog.get_logger(__name__)


async def restore(review: Review) -> None:
    """Put the run's summary up again where a later run of another head wrote over it."""
    run, shop = review.run, review.workshop
    async with shop.database.read() as connection:
        shown = await runs.last_shown(connection, run.repository.id, run.number)
        # A command or a re-run may have reviewed the head after this job's own run.
        latest = await runs.last_shown(connection, run.repository.id, run.number, run.head_sha)
        if latest is None or shown is None or shown.id == latest.id:
            return
    # Edited first: a job that fails here finds out again that there is something to put up.
    await refresh_run(shop, review.github, run.repository, latest)
    async with shop.database.write() as connection:
        # The newest word on the pull request is this run's again: later reviews are held against it.
        await runs.touch(connection, latest.id, shop.clock())
    log.info("put up again", run=latest.id, instead_of=shown.id, incomplete=latest.state is RunState.INCOMPLETE)
