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
        if run.verdict is None or run.state not in runs.SHOWN or shown is None or shown.id == run.id:
            return
    # Edited first: a job that fails here finds out again that there is something to put up.
    await refresh_run(shop, review.github, run.repository, run)
    async with shop.database.write() as connection:
        # The newest word on the pull request is this run's again: later reviews are held against it.
        await runs.touch(connection, run.id, shop.clock())
    log.info("put up again", run=run.id, instead_of=shown.id, incomplete=run.state is RunState.INCOMPLETE)
