"""Reviews a pull request: opens the run, reads, deliberates, stores, checks the head again, publishes."""

import asyncio
from contextlib import AsyncExitStack, suppress
from dataclasses import replace

import structlog

from app.authorization.daily_command_limit import take_turn
from app.authorization.plan_quota import used_up
from app.configuration.council_yml import read_config
from app.configuration.repository_config import Publish, RepositoryConfig
from app.configuration.settings_layers import stored_levels
from app.councils.council_factory import review_council
from app.errors import (
    CouncilError,
    GitHubRejected,
    LimitReached,
    Locked,
    Paused,
    Superseded,
    UserError,
)
from app.github import pull_request
from app.github.installation_client import InstallationClient
from app.github.origin import origin_of
from app.reporters import check_run
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.phrases import heading
from app.services.worker import WorkerServices
from app.store.command_uses import CommandUse
from app.store.deletion import retention
from app.store.queue import job_list, jobs
from app.store.reviews import dispositions, findings, outcomes, run_search, runs
from app.store.tables.core import JobState, RunState
from app.work.commands import authorization, command_replies, ticked_boxes
from app.work.commands.authorization import Caller
from app.work.questions import post_answer
from app.work.questions.post_answer import ReplyTarget
from app.work.reviews import (
    baseline,
    publish,
    pull_request_pause,
    review_arguments,
    run_notifications,
    server_pause,
    track_records,
)
from app.work.reviews.after_publish import fold_fixed_comments
from app.work.reviews.open_job_repository import ReviewRepository
from app.work.reviews.refresh_summary import refuse_rerun
from app.work.reviews.restore_summary import restore
from app.work.reviews.review_inputs import ReviewInputs, load_inputs
from app.work.reviews.review_run import ReviewRun, open_review, with_head
from app.work.reviews.shared_check_writes import leave_checks
from app.work.reviews.stale_runs import cancel_left_behind, end_left_behind, has_begun, require_current_head, want_again
from reviewers.council.deliberation import deliberate
from reviewers.learning.feedback import apply_decisions
from reviewers.values.verdict import Verdict
from webhooks.jobs import ReviewCause, ReviewPullRequest

log = structlog.get_logger(__name__)

_IS_CLOSED = "This pull request is closed, so it is not reviewed. Reopen it and try again."
_KEPT = {Publish.NONE: "It is only on this server's pages (`review.publish: none`)", Publish.CHECK: "See the check run"}


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
            state = await _declined(review) or await _deliver(review)
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


async def _deliver(review: ReviewRun) -> JobState:
    """Take an open run to its publications."""
    async with AsyncExitStack() as stack:
        repository = ReviewRepository(review, stack)
        tracer = review.services.telemetry.tracer
        with tracer.span("snapshot", {"council.run": review.run.id}):
            inputs = await load_inputs(review, repository)
        if isinstance(inputs, JobState):
            return inputs
        review = review.kept_by(inputs.config)
        async with server_pause.announce_pause(review, inputs.config):
            with tracer.span("council", {"council.run": review.run.id}) as step:
                verdict = await _announced(review, inputs, repository)
                step.describe({"council.findings": len(verdict.ranked), "council.cost_usd": verdict.usage.cost_usd or 0.0})
    # Re-read the head while storing the verdict. Publish only when both are done.
    head, _ = await asyncio.gather(
        pull_request.head_of(review.github, review.run.repository.full_name, review.run.number), _keep(review, inputs, verdict)
    )
    await require_current_head(review, head)
    await review.advance(RunState.PUBLISHING)
    edition = await _edition(review, inputs, verdict)
    refusals = await publish.publish_review(review, edition)
    await fold_fixed_comments(review, verdict)
    said = {"reason": f"{runs.REFUSED}{' '.join(refusals)}"[:500]} if refusals else {}
    await review.advance(
        RunState.INCOMPLETE if verdict.incomplete else RunState.PUBLISHED, run_notifications.run_end(review, edition), **said
    )
    if review.job.cause is ReviewCause.COMMAND and (kept := _KEPT.get(inputs.config.review.publish)):
        await command_replies.say(review.services, review.claim, f"{heading(verdict)}, `{review.run.head_sha[:7]}`. {kept}.")
    if not inputs.config.privacy.store_transcripts:
        async with review.services.database.write() as connection:
            await retention.forget_transcripts(connection, [review.run.id])
    log.info("published", run=review.run.id, findings=len(verdict.ranked), cost_usd=verdict.usage.cost_usd)
    return JobState.DONE


async def _announced(review: ReviewRun, inputs: ReviewInputs, repository: ReviewRepository) -> Verdict:
    """The verdict. Meanwhile, start the check run. No write is in progress when this returns or raises."""
    if inputs.config.review.publish == "none":
        return await _deliberate(review, inputs, repository)
    begun = asyncio.create_task(check_run.begin(review.run.id, review.run.head_sha, review.writes, review.outbox))
    try:
        verdict = await _deliberate(review, inputs, repository)
    finally:
        await publish.wait_for_writes(begun)
        failed = begun.exception()
    if isinstance(failed, CouncilError) and (isinstance(failed, Locked) or not isinstance(failed, Superseded)):
        # The check run is tried again when the verdict is published. Do not discard a paid verdict with it.
        log.warning("could not start the check run", error=str(failed))
    elif failed is not None:
        raise failed
    return verdict


async def _deliberate(review: ReviewRun, inputs: ReviewInputs, repository: ReviewRepository) -> Verdict:
    """The council's verdict, from the store if an earlier attempt already has it."""
    if review.run.verdict:
        return Verdict.model_validate_json(review.run.verdict)
    services, run = review.services, review.run
    ledger = review.ledger(inputs.config.limits)
    call_context = services.call_context(ledger, sealed=run.sealed)
    follows, settings, history = await asyncio.gather(
        baseline.load_baseline(review, inputs.snapshot),
        services.settings_of(review.job.installation_id),
        track_records.load_history(services, review.job),
    )
    if follows.nothing_new:
        return follows.unchanged()
    view = repository.view(inputs.snapshot, call_context.book)
    seated = review_council(settings, inputs.config, call_context, inputs.selection, repository=view)
    council = replace(track_records.with_track_records(seated, history.records, inputs.selection.by_seat), table=history.table)
    brief = review.brief(inputs.config)
    groups = await asyncio.to_thread(follows.groups, brief, inputs.config.review.walkthrough)
    brief = brief.model_copy(update={"groups": groups})
    verdict = await deliberate(brief, follows.asked, council, follows.succession.revise)
    ledger.require_running()
    return follows.carry_criteria(follows.carry_walkthrough(follows.covered(verdict), groups))


async def _keep(review: ReviewRun, inputs: ReviewInputs, verdict: Verdict) -> None:
    """Store the verdict, unless an earlier attempt already did."""
    services, run = review.services, review.run
    if run.verdict:
        return
    async with services.database.write() as connection:
        await runs.still_wanted(connection, run.repository.id, run.number, run.head_sha)
        told = {"verdict": verdict.model_dump_json(), "headline": heading(verdict).removeprefix("Council: ")}
        await runs.advance_run(connection, review.claim, run, RunState.VERDICT, services.clock(), **told)
        await findings.store_findings(connection, run, verdict)
        # Encrypted text is not indexed for searching.
        said = verdict.model_copy(update={"summary": "", "ranked": ()}) if run.sealed else verdict
        await run_search.index(connection, run, run_search.words_of(inputs.snapshot, said), services.clock())
    services.failpoint(f"run {RunState.VERDICT}")


async def _edition(review: ReviewRun, inputs: ReviewInputs, verdict: Verdict) -> ReviewToPublish:
    """The verdict as every surface gets it, with earlier findings and decisions."""
    services, run = review.services, review.run
    async with services.database.read() as connection:
        said = await findings.posted_inline_before(connection, run)
        decided = await dispositions.decisions_about(connection, run.repository.id, run.number)
        resolved = await outcomes.find_resolved(connection, run.repository.id, run.number)
    budget = await review.ledger(inputs.config.limits).month()
    said |= {ranked.fingerprint for ranked in verdict.ranked if ranked.fingerprint.startswith(tuple(inputs.said))}
    return ReviewToPublish(
        run_id=run.id,
        snapshot=inputs.snapshot,
        verdict=apply_decisions(verdict, decided),
        config=inputs.config,
        web_url=services.settings.github_web_url,
        run_url=services.settings.run_url(run.id),
        said=said,
        problems=inputs.problems,
        budget_left=str(budget),
        budget_warning=budget.warning,
        resolved=resolved,
        notice=await pull_request_pause.pause_notice(review, inputs.config),
    )
