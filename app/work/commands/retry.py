"""`retry`: run the last review again, if it failed."""

from app.store.queue import job_list
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import require_lease
from app.store.reviews import runs
from app.store.tables.core import RunState
from app.work.commands.context import CommandContext
from app.work.commands.pause import review_of

_FAILED = {RunState.INCOMPLETE, RunState.DEAD, RunState.CANCELLED, RunState.SUPERSEDED}


async def retry(context: CommandContext) -> str:
    job, services = context.job, context.services
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        newest = await runs.newest_run(connection, job.repository.id, job.number)
        if newest is not None and newest.state is RunState.PUBLISHED:
            return f"The last review, of `{newest.head_sha[:7]}`, did not fail. `/council review --full` reviews everything again."
        if newest is not None and newest.state not in _FAILED:
            return "A review is already in progress."
        here = newest is not None and newest.head_sha == context.grounds.origin.head_sha
        if newest is not None and here and await job_list.revive_job(connection, newest, services.clock()):
            return "The review continues where it failed; paid answers are not requested again."
        await insert_jobs(connection, [(services.new_id(), review_of(context), services.clock())], services.clock())
    return "The review runs again."
