"""Gives a review up: ends its run, then reports that on the pull request."""

from dataclasses import replace

from app.configuration.repository_config import Publish, RepositoryConfig
from app.errors import Superseded
from app.services.worker import WorkerServices
from app.store.queue import jobs
from app.store.reviews import runs
from app.store.tables.core import RunState
from app.work.commands import command_replies
from app.work.job_telemetry import observe_run_end
from app.work.reviews import publish, run_notifications
from app.work.reviews.restore_summary import keep_verdict
from app.work.reviews.review_run import build_review_run
from app.work.reviews.stale_runs import cancel_stale_run
from webhooks.jobs import ReviewCause, ReviewPullRequest


async def give_up(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], reason: str) -> None:
    """Give a run up. End it first, whatever GitHub answers, then post a neutral check run with the reason and a way to retry."""
    job = claim.job
    if job.number and not job.head_sha:
        # The job is a command, perhaps with an attempt that got as far as reading the head.
        async with services.database.read() as connection:
            left = await runs.left_by(connection, claim.job_id)
        job = job.model_copy(update={"head_sha": left.head_sha if left else ""})
    try:
        if job.number and job.head_sha:
            await _give_up_run(services, claim, job, reason)
    finally:
        if job.cause is ReviewCause.COMMAND:
            await command_replies.say_failed(services, claim, reason)


async def _give_up_run(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], job: ReviewPullRequest, reason: str) -> None:
    wanted = True
    async with services.database.write() as connection:
        run = await runs.open_run(connection, replace(claim, job=job), services.new_id(), job.head_sha, services.clock())
        try:
            await runs.still_wanted(connection, job.repository.id, job.number, job.head_sha)
            if run.state.ended:
                # Its verdict is published. What failed came after that, such as the check run of a former head.
                return
        except Superseded as instead:
            wanted, reason = False, str(instead)
        else:
            await runs.advance_run(connection, claim, run, RunState.DEAD, services.clock(), reason=reason[:500])
            await run_notifications.note_death(connection, services, run, job.installation_id)
    if wanted:
        observe_run_end(services, claim, RunState.DEAD)
    async with services.github_for(claim) as github:
        review = await build_review_run(services, github, replace(claim, job=job), run)
        if not wanted:
            await cancel_stale_run(review, reason)
        elif not _is_silent(run) and not await keep_verdict(review):
            await publish.say_dead(review, reason)


def _is_silent(run: runs.Run) -> bool:
    return bool(run.config) and RepositoryConfig.model_validate_json(run.config or "").review.publish is Publish.NONE
