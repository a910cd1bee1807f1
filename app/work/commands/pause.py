"""`pause`, `resume` and `cancel`: turn reviews of pushes off and on, and stop a review in progress."""

from app.github.pull_request import head_of
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import require_lease
from app.store.reviews import pauses, runs
from app.store.reviews.pauses import Pause
from app.store.tables.core import RunState
from app.work.commands.context import CommandContext
from app.work.reviews.stale_runs import withdraw_canceled
from webhooks.jobs import ReviewCause, ReviewPullRequest


async def pause(context: CommandContext) -> str:
    """Stop reviewing pushes. Commands still start a review."""
    job = context.job
    async with context.services.database.write() as connection:
        await require_lease(connection, context.claim)
        await pauses.save_pause(connection, job.repository.id, job.number, Pause(True, job.login, context.services.clock()))
    return "Paused: pushes are not reviewed until someone comments `/council resume`. `/council review` still works."


async def resume(context: CommandContext) -> str:
    """Review pushes again, and the current head if it has no review."""
    job, services = context.job, context.services
    head = await head_of(context.github, context.name, job.number)
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        await pauses.save_pause(connection, job.repository.id, job.number, Pause(False, job.login, services.clock()))
        last = await runs.last_published(connection, job.repository.id, job.number)
        if head.state != "open" or (last is not None and last.head_sha == head.sha):
            return "Resumed: pushes are reviewed again."
        await insert_jobs(connection, [(services.new_id(), review_of(context), services.clock())], services.clock())
    return f"Resumed: pushes are reviewed again, starting with `{head.sha[:7]}`."


async def cancel(context: CommandContext) -> str:
    """End the queued and running reviews of this pull request."""
    job, services = context.job, context.services
    async with services.database.write() as connection:
        await require_lease(connection, context.claim)
        stopped = await runs.cancel_reviews(connection, job.repository.id, job.number, services.clock())
        await runs.end_unfinished(connection, job.repository.id, job.number, RunState.CANCELLED, services.clock())
    withdrawn = await withdraw_canceled(services, context.github, context.claim, job.repository, job.number)
    return "The review is canceled; nothing of it will be posted." if stopped or withdrawn else "No review is in progress here."


def review_of(context: CommandContext) -> ReviewPullRequest:
    """A review that this command requests."""
    job = context.job
    return ReviewPullRequest(
        installation_id=job.installation_id,
        repository=job.repository,
        number=job.number,
        cause=ReviewCause.COMMAND,
        trigger=f"{job.comment_id}-again",
        login=job.login,
        comment_id=job.comment_id,
        thread_id=job.thread_id,
        in_review=job.in_review,
    )
