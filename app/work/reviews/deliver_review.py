"""Takes an open run to its publications: reads, deliberates, stores the verdict, checks the head again, publishes."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace

import structlog

from app.configuration.repository_config import Publish
from app.councils.council_factory import review_council
from app.errors import (
    CouncilError,
    Locked,
    Superseded,
)
from app.github import pull_request
from app.reporters import check_run
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text.phrases import heading
from app.store.deletion import retention
from app.store.reviews import dispositions, findings, outcomes, run_search, runs
from app.store.tables.core import JobState, RunState
from app.work.commands import command_replies
from app.work.reviews import (
    baseline,
    publish,
    pull_request_pause,
    run_notifications,
    server_pause,
    track_records,
)
from app.work.reviews.after_publish import fold_fixed_comments
from app.work.reviews.open_job_repository import ReviewRepository
from app.work.reviews.review_inputs import ReviewInputs, load_inputs
from app.work.reviews.review_run import ReviewRun
from app.work.reviews.stale_runs import require_current_head
from reviewers.council.deliberation import deliberate
from reviewers.learning.feedback import apply_decisions
from reviewers.values.verdict import Verdict
from webhooks.jobs import ReviewCause

log = structlog.get_logger(__name__)

_KEPT = {Publish.NONE: "It is only on this server's pages (`review.publish: none`)", Publish.CHECK: "See the check run"}


async def deliver(review: ReviewRun) -> JobState:
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
