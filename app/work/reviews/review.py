"""The job that reviews a head: who may start it, whether the run opens or what is shown instead, and what a later head withdraws."""

from contextlib import suppress

import structlog

from app.authorization.daily_command_limit import take_turn
from app.authorization.plan_quota import used_up
from app.configuration.council_yml import read_config
from app.configuration.repository_config import Publish, RepositoryConfig
from app.configuration.settings_layers import stored_levels
from app.errors import (
    GitHubRejected,
    LimitReached,
    Locked,
    Paused,
    Superseded,
    UserError,
)
from app.github.installation_client import InstallationClient
from app.github.origin import origin_of
from app.reporters import check_run
from app.services.worker import WorkerServices
from app.store.command_uses import CommandUse
from app.store.queue import job_list, jobs
from app.store.reviews import runs
from app.store.tables.core import JobState, RunState
from app.work.commands import authorization, command_replies, ticked_boxes
from app.work.commands.authorization import Caller
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews import (
    review_arguments,
    server_pause,
)
from app.work.reviews.deliver_review import deliver
from app.work.reviews.refresh_summary import refuse_rerun
from app.work.reviews.restore_summary import restore
from app.work.reviews.review_run import ReviewRun, open_review, with_head
from app.work.reviews.shared_check_writes import leave_checks
from app.work.reviews.stale_runs import cancel_left_behind, end_left_behind, has_begun, want_again
from webhooks.jobs import ReviewCause, ReviewPullRequest

log = structlog.get_logger(__name__)

_IS_CLOSED = "This pull request is closed, so it is not reviewed. Reopen it and try again."


async def run(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest]) -> JobState:
    """The job: review one head."""
    job = claim.job
    await server_pause.go_on(services, claim)
    async with services.github_for(claim) as github:
        if job.edit and not await ticked_boxes.is_ours(services, github, job):
            return JobState.SKIPPED
        try:
            job = await with_head(services, github, claim, job)
        except Superseded as ended:
            if job.cause is not ReviewCause.COMMAND or str(ended) != runs.CLOSED:
                raise
            why = await _refusal(services, claim, github, job) or authorization.Denial(_IS_CLOSED)
            await _refuse(services, claim, github, why)
            return JobState.DONE
        # A wait for a limit counts neither as a crash nor as a failure.
        if claim.record.crashes or claim.attempt > 1 or claim.error:
            await cancel_left_behind(services, github, claim, runs.NEWER, but=job.head_sha)
            await _require_unspent(services, claim, job.head_sha)
        if job.cause is ReviewCause.COMMAND and (refusal := await _refusal(services, claim, github, job)) is not None:
            await _refuse(services, claim, github, refusal)
            return JobState.DONE
        if job.cause is ReviewCause.RERUN and await _revived(services, claim, job):
            return JobState.DONE
        review = await open_review(services, claim, job, github)
        if review.run.state.ended:
            await restore(review)
            state = JobState.DONE
        else:
            state = await _declined(review) or await deliver(review)
        # A review without a check run has left the one of the previous head, too.
        await leave_checks(services, github, job.repository, job.number, but=job.head_sha)
        return state


async def _require_unspent(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], head_sha: str) -> None:
    """A command pays for one head. If an earlier try called models about another one, it ends, as without the failure of that try."""
    if claim.job.cause is not ReviewCause.COMMAND:
        return
    async with services.database.read() as connection:
        if await runs.was_spent_on_another(connection, claim.job_id, head_sha):
            raise Superseded(runs.NEWER)


async def _over_limit(review: ReviewRun) -> str:
    """Why this person may not start another review of this head today. Requests from a page or the HTTP API are counted already."""
    services, job = review.services, review.job
    if job.cause is not ReviewCause.RERUN or not job.login:
        return ""
    use = CommandUse(review.claim.job_id, job.repository.id, job.login, "review", paid=True)
    try:
        async with services.database.write() as connection:
            await take_turn(connection, services.settings, use, services.clock())
    except LimitReached as reached:
        return str(reached)
    except Paused:
        # Reported below, if the repository wants that reported. The review resumes by itself.
        return ""
    return ""


async def call_off(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], reason: str) -> None:
    """Withdraw what this job began for a head that is no longer current, however that was noticed.

    Ask GitHub first: the head may be current again while our own table says otherwise. A re-run that has not begun was requested after
    what the table says, such as on a draft.
    """
    job = claim.job
    try:
        async with services.github_for(claim) as github:
            may_go_on = job.cause is ReviewCause.AUTO or (job.cause is ReviewCause.RERUN and not await has_begun(services, claim))
            if may_go_on and reason in {runs.CLOSED, runs.NEWER} and await want_again(services, github, claim, job):
                return
            await cancel_left_behind(services, github, claim, reason)
    except GitHubRejected as error:
        log.warning("GitHub does not let us withdraw a review", error=str(error))
        await end_left_behind(services, claim, reason)
        return
    if job.cause is ReviewCause.COMMAND and reason in {runs.CLOSED, runs.NEWER}:
        with suppress(GitHubRejected):
            await command_replies.say(services, claim, f"The review was stopped: {reason}.")


async def _revived(services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], job: ReviewPullRequest) -> bool:
    """Whether a re-run resumes a failed run on this head, instead of paying for everything again."""
    async with services.database.write() as connection:
        await jobs.require_lease(connection, claim)
        newest = await runs.newest_run(connection, job.repository.id, job.number)
        if newest is None or newest.head_sha != job.head_sha or newest.job_id == claim.job_id:
            return False
        return await job_list.revive_job(connection, newest, services.clock())


async def _refusal(
    services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], github: InstallationClient, job: ReviewPullRequest
) -> authorization.Denial | None:
    """Why this person may not start this review, or what is wrong with its arguments."""
    access_facts = await authorization.read_access_facts(services, github, job)
    if access_facts.origin.locked:
        raise Locked
    person = Caller(job.login, "review")
    refusal = await authorization.authorize(services, claim, person, access_facts)
    if refusal is None:
        try:
            review_arguments.apply_arguments(access_facts.config, job.arguments, services.settings)
        except UserError as error:
            return authorization.Denial(str(error))
    return refusal


async def _refuse(
    services: WorkerServices, claim: jobs.LeasedJob[ReviewPullRequest], github: InstallationClient, refusal: authorization.Denial
) -> None:
    job = claim.job
    if job.edit:
        await ticked_boxes.refuse(services, claim, github, refusal)
    else:
        await post_answer.post_refusal(services, claim, github, ReplyTarget.of(job), refusal)


async def _declined(review: ReviewRun) -> JobState | None:
    """Post a skipped check if the account's plan or the person's daily limit is used up. This reads only the config and costs nothing."""
    services, run = review.services, review.run
    if run.snapshot:
        return None
    line = await used_up(services.database, review.job.installation_id, services.clock(), run.id) or await _over_limit(review)
    if not line:
        return None
    config = await _config_of_base(review)
    if config.review.publish is not Publish.NONE:
        await _say_declined(review, config, line)
    await review.advance(RunState.INCOMPLETE, reason=line)
    if review.job.cause is ReviewCause.COMMAND:
        await command_replies.say(services, review.claim, line)
    return JobState.DONE


async def _say_declined(review: ReviewRun, config: RepositoryConfig, line: str) -> None:
    """Explain on the head's check run why it is not reviewed. A reviewed head keeps its conclusion."""
    services, run = review.services, review.run
    async with services.database.read() as connection:
        earlier = await runs.last_published(connection, run.repository.id, run.number, run.id)
    if earlier is not None and earlier.head_sha == run.head_sha:
        await refuse_rerun(services, review.github, run.repository, earlier, line)
        return
    # A plan is used up by pushes. A head without a review must not pass the gate.
    ended = check_run.conclude_skipped(line, config.gate, by_author=True)
    await check_run.skip(run.id, run.head_sha, ended, review.writes, review.outbox)


async def _config_of_base(review: ReviewRun) -> RepositoryConfig:
    """The config of the pull request's base branch."""
    name = review.run.repository.full_name
    origin = await origin_of(review.github, name, review.run.number)
    rules = await read_config(review.github, name, origin.base)
    return rules.apply(await stored_levels(review.services, review.job.installation_id, review.run.repository.id))[0]
