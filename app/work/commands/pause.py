"""`pause`, `resume` and `cancel`: turn reviews of pushes off and on, and stop a review in progress."""

from app.github.pull_request import head_of
from app.store.queue.deliveries import insert_jobs
from app.store.queue.jobs import require_lease
from app.store.reviews import pauses, runs
from app.store.reviews.pauses import Pause
from app.store.tables.core import RunState
from app.work.commands.context import CommandContext
from webhooks.jobs import ReviewCause, ReviewPullRequest


async def pause(desk: CommandContext) -> str:
    """Stop reviewing pushes. Commands still start a review."""
    job = desk.job
    async with desk.workshop.database.write() as connection:
        await require_lease(connection, desk.claim)
        await pauses.save_pause(connection, job.repository.id, job.number, Pause(True, job.login, desk.workshop.clock()))
    return "Paused: pushes are not reviewed until someone comments `/council resume`. `/council review` still works."


async def resume(desk: CommandContext) -> str:
    """Review pushes again, and the current head if it has no review."""
    job, shop = desk.job, desk.workshop
    head = await head_of(desk.github, desk.name, job.number)
    async with shop.database.write() as connection:
        await require_lease(connection, desk.claim)
        await pauses.save_pause(connection, job.repository.id, job.number, Pause(False, job.login, shop.clock()))
        last = await runs.last_published(connection, job.repository.id, job.number)
        if head.state != "open" or (last is not None and last.head_sha == head.sha):
            return "Resumed: pushes are reviewed again."
        await insert_jobs(connection, [(shop.new_id(), review_of(desk), shop.clock())], shop.clock())
    return f"Resumed: pushes are reviewed again, starting with `{head.sha[:7]}`."


async def cancel(desk: CommandContext) -> str:
    """End the queued and running reviews of this pull request."""
    job, shop = desk.job, desk.workshop
    async with shop.database.write() as connection:
        await require_lease(connection, desk.claim)
        stopped = await runs.cancel_reviews(connection, job.repository.id, job.number, shop.clock())
        await runs.end_unfinished(connection, job.repository.id, job.number, RunState.CANCELLED, shop.clock())
    return "The review is canceled; nothing of it will be posted." if stopped else "No review is in progress here."


def review_of(desk: CommandContext) -> ReviewPullRequest:
    """A review that this command requests."""
    job = desk.job
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
