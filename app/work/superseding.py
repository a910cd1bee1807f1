"""Who wants this head still: GitHub's word is asked, and a run that nobody wants ends with its check run."""

from app.errors import Superseded
from app.github.client import GitHub
from app.github.pull_request import Head, head_of
from app.reporters import check_run, pull_request_review
from app.services.workshop import Workshop
from app.store import jobs, runs
from app.store.intake import insert_jobs
from app.store.runs import CLOSED
from app.store.tables import RunState
from app.work.head_writes import leave_checks
from app.work.opening import Review, review_of
from webhooks.jobs import ReviewPullRequest


async def confirm(review: Review, head: Head) -> None:
    """GitHub's word on the head: another one gets a run of its own, and this run ends."""
    run, shop = review.run, review.workshop
    if head.state != "open":
        async with shop.database.write() as connection:
            await runs.close(connection, run.repository.id, run.number)
        await leave_checks(shop, review.github, run.repository, run.number)
        raise Superseded(CLOSED)
    if head.sha == run.head_sha:
        return
    newer = ReviewPullRequest(
        installation_id=review.job.installation_id, repository=run.repository, number=run.number, head_sha=head.sha, on=review.job.on
    )
    async with shop.database.write() as connection:
        await jobs.hold(connection, review.claim)
        await runs.want(connection, run.repository.id, run.number, head.sha)
        await insert_jobs(connection, [(shop.new_id(), newer, shop.clock())], shop.clock())
    raise Superseded(runs.NEWER)


async def want_again(workshop: Workshop, github: GitHub, claim: jobs.Claim, job: ReviewPullRequest) -> bool:
    """Whether GitHub says that the head of a review is the one that is wanted; then the job goes on, at once."""
    head = await head_of(github, job.repository.full_name, job.number)
    if head.state != "open" or head.draft or head.sha != job.head_sha:
        return False
    async with workshop.database.write() as connection:
        await jobs.hold(connection, claim)
        await runs.want(connection, job.repository.id, job.number, head.sha)
        await jobs.postpone(connection, claim, workshop.clock(), "this head is wanted again", failed=False)
    return True


async def withdraw(review: Review, reason: str) -> None:
    """End a run nobody wants any more, and its check run with it; a lost lease leaves both to the new holder."""
    shop = review.workshop
    async with shop.database.write() as connection:
        if not await jobs.called_off(connection, review.claim):
            try:
                await jobs.hold(connection, review.claim)
            except Superseded:
                return
            state = RunState.CANCELLED if reason == CLOSED else RunState.SUPERSEDED
            await runs.advance(connection, review.claim, review.run, state, shop.clock(), reason=reason)
    await pull_request_review.withdraw(review.writes, review.outbox)
    await check_run.withdraw(reason, review.writes, review.outbox)


async def withdraw_left_behind(workshop: Workshop, github: GitHub, claim: jobs.Claim, reason: str, but: str = "") -> None:
    """End what an attempt that died had begun for a head that nobody wants any more; `but` is the head that is wanted."""
    async with workshop.database.read() as connection:
        run = await runs.left_by(connection, claim.job_id)
    if run is not None and run.head_sha != but and not run.state.ended:
        await withdraw(await review_of(workshop, github, claim, run), reason)
