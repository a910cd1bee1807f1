"""Who wants this head still: GitHub's word is asked, and a run that nobody wants ends with its check run."""

from app.errors import Superseded
from app.github.pull_request import Head
from app.reporters import check_run, pull_request_review
from app.store import jobs, runs
from app.store.intake import insert_jobs
from app.store.tables import RunState
from app.work.opening import Review
from webhooks.jobs import ReviewPullRequest


async def confirm(review: Review, head: Head) -> None:
    """GitHub's word on the head: another one gets a run of its own, and this run ends."""
    run, shop = review.run, review.workshop
    if head.state != "open":
        async with shop.database.write() as connection:
            await runs.close(connection, run.repository.id, run.number)
        raise Superseded("the pull request was closed")
    if head.sha == run.head_sha:
        return
    newer = ReviewPullRequest(
        installation_id=review.job.installation_id, repository=run.repository, number=run.number, head_sha=head.sha, on=review.job.on
    )
    async with shop.database.write() as connection:
        await jobs.hold(connection, review.claim)
        await runs.want(connection, run.repository.id, run.number, head.sha)
        await insert_jobs(connection, [(shop.new_id(), newer, shop.clock())], shop.clock())
    raise Superseded("a newer head is wanted")


async def withdraw(review: Review, reason: str) -> None:
    """End a run nobody wants any more, and its check run with it; a lost lease leaves both to the new holder."""
    async with review.workshop.database.write() as connection:
        try:
            await jobs.hold(connection, review.claim)
        except Superseded:
            return
        closed = reason == "the pull request was closed"
        await runs.advance(
            connection,
            review.claim,
            review.run,
            RunState.CANCELLED if closed else RunState.SUPERSEDED,
            review.workshop.clock(),
            reason=reason,
        )
    await pull_request_review.withdraw(review.writes, review.outbox)
    await check_run.withdraw(reason, review.writes, review.outbox)
