"""Loads a run's inputs from GitHub once: the snapshot and the base branch's config, unless a rule skips the pull request."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from pydantic import TypeAdapter

from app.configuration.repository_config import Publish, RepositoryConfig
from app.configuration.settings_layers import stored_levels
from app.councils.seat_selection import SelectionFacts, choose_seats
from app.errors import CouncilError, GitHubRejected, NotFound, Unavailable
from app.github import checks, ci_logs, pull_request
from app.reporters import check_run
from app.store.reviews import red_checks, run_groups
from app.store.tables.core import JobState, RunState
from app.work.reviews import (
    adopt_posts,
    pull_request_pause,
    review_arguments,
    server_pause,
    track_records,
    wait_for_ci,
)
from app.work.reviews.first_time_authors import find_new_author
from app.work.reviews.open_job_repository import ReviewRepository
from app.work.reviews.restore_summary import find_verdict, keep_verdict, restore
from app.work.reviews.review_run import ReviewRun
from app.work.reviews.skip_rules import SkipFacts, SkipReason, find_skip
from app.work.reviews.stale_runs import require_current_head
from reviewers.context.snapshot import FailingCheck, Snapshot, UnreadPart
from reviewers.council.selection import Selection
from reviewers.council.urgency import find_urgency
from webhooks.jobs import ReviewCause

log = structlog.get_logger(__name__)

_PROBLEMS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


@dataclass(frozen=True)
class ReviewInputs:
    """The inputs of a run. A resumed run loads them from the store.

    `said` are the fingerprint prefixes of the findings that GitHub shows on the diff, read each time.
    """

    snapshot: Snapshot
    config: RepositoryConfig
    problems: tuple[str, ...]
    selection: Selection
    said: frozenset[str] = frozenset()


async def load_inputs(review: ReviewRun, repository: ReviewRepository) -> ReviewInputs | JobState:
    """The snapshot and the base branch's config, or how the job ends if there is nothing to review.

    Existing posts are read concurrently, and nothing is decided before they are adopted.
    """
    run = review.run
    if run.snapshot and run.config:
        posts = await adopt_posts.read_posted(review)
        if await adopt_posts.adopt_posted(review, posts):
            return JobState.DONE
        problems = _PROBLEMS.validate_json(run.problems or "[]")
        snapshot, config = Snapshot.model_validate_json(run.snapshot), RepositoryConfig.model_validate_json(run.config)
        selection = Selection.model_validate_json(run.selection) if run.selection else await _choose(review, config, snapshot)
        if not run.verdict and not snapshot.unread_repository:
            await repository.open(config, snapshot)
        return ReviewInputs(snapshot, config, problems, selection, adopt_posts.said_inline(review, posts))
    fetched, posts, standing, base, _ = await asyncio.gather(
        pull_request.fetch(review.github, run.repository.full_name, run.number),
        adopt_posts.read_posted(review),
        _standing(review),
        stored_levels(review.services, review.claim.job.installation_id, run.repository.id),
        review.advance(RunState.SNAPSHOT),
    )
    await require_current_head(review, fetched.head)
    if await adopt_posts.adopt_posted(review, posts):
        await restore(review)
        return JobState.DONE
    config, found = fetched.config.apply(base)
    if (ended := await _end_early(review, base, config, fetched)) is not None:
        return ended
    await server_pause.wait_for_resumption(review, config)
    config = review_arguments.apply_arguments(config, review.job.arguments, review.services.settings)
    if fetched.locked and config.review.publish in {Publish.FULL, Publish.SUMMARY}:
        # GitHub rejects our comments there but accepts a check run.
        config = config.model_copy(update={"review": config.review.model_copy(update={"publish": Publish.CHECK})})
    opening = asyncio.create_task(repository.open(config, fetched.snapshot))
    try:
        snapshot = await _with_checks(review, config, fetched.snapshot, standing) if config.ci.read_logs else fetched.snapshot
        snapshot = await (await opening).added(snapshot)
    finally:
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
    problems = (*fetched.misplaced, *(str(problem) for problem in found))
    selection = await _choose(review, config, snapshot, fetched.labels)
    # The selection is stored with the run. A resumed run asks the same seats, whatever was spent or renamed since.
    await review.kept_by(config).advance(
        RunState.OPINIONS,
        selection=selection.model_dump_json(),
        snapshot=await asyncio.to_thread(snapshot.model_dump_json),
        config=config.model_dump_json(),
        problems=_PROBLEMS.dump_json(problems).decode(),
        title=snapshot.title,
        author=snapshot.author,
    )
    if fetched.labels or fetched.teams:
        async with review.services.database.write() as connection:
            await run_groups.keep_groups(connection, run.id, run.repository.id, fetched.labels, fetched.teams)
    return ReviewInputs(snapshot, config, problems, selection, adopt_posts.said_inline(review, posts))


async def _end_early(review: ReviewRun, base: RepositoryConfig, config: RepositoryConfig, fetched: pull_request.Fetched) -> JobState | None:
    """How the job ends if nothing may be, or needs to be, paid for: unreadable settings, a rule, or a verdict that somebody asked for."""
    if fetched.config.unreadable:
        await _unreadable(review, base, fetched.config.unreadable)
        return JobState.SKIPPED
    facts = SkipFacts(review.job.on, fetched.head.draft, fetched.labels, fetched.snapshot)
    skip = await _rule(review, config, facts, fetched) if review.job.cause is ReviewCause.AUTO else None
    if skip is not None:
        log.info("skipped", reason=skip.reason)
        if not await keep_verdict(review):
            await _say_skipped(review, config, skip)
        await review.advance(RunState.CANCELLED, reason=f"skipped: {skip.reason}")
        return JobState.SKIPPED
    if (reviewed := await find_verdict(review)) is not None:
        # Its own review did not begin while the head was current, or had no settings. Nobody asked for a second opinion.
        await restore(review)
        await review.advance(RunState.CANCELLED, reason=f"skipped: this head has a review already ({reviewed.cause})")
        return JobState.DONE
    return None


async def _unreadable(review: ReviewRun, base: RepositoryConfig, line: str) -> None:
    """A neutral check if the config cannot be read, unless the head has a verdict. Nothing is paid for."""
    if base.review.publish is not Publish.NONE and not await keep_verdict(review):
        await check_run.abandon(review.run.id, review.run.head_sha, line, review.writes, review.outbox)
    await review.advance(RunState.INCOMPLETE, reason=line)


async def _with_checks(review: ReviewRun, config: RepositoryConfig, snapshot: Snapshot, standing: checks.CIState | None) -> Snapshot:
    """The snapshot with the failing checks of its head and their logs."""
    run = review.run
    try:
        failed = await _failing_checks(review, config, snapshot, standing)
    except (NotFound, GitHubRejected, Unavailable) as error:
        # CI is an extra: a review never fails because of it.
        why = error.permission_line if isinstance(error, GitHubRejected) else ""
        unread = UnreadPart(path="the checks of this head", reason=why or "they could not be read")
        return snapshot.model_copy(update={"unread": (*snapshot.unread, unread)})
    if failed:
        async with review.services.database.write() as connection:
            await red_checks.save_red_checks(connection, run.id, run.repository.id, failed, review.services.clock())
    return snapshot.model_copy(update={"failing_checks": failed})


async def _failing_checks(
    review: ReviewRun, config: RepositoryConfig, snapshot: Snapshot, standing: checks.CIState | None
) -> tuple[FailingCheck, ...]:
    run = review.run
    await wait_for_ci.wait_for_checks(review.services, review.claim, run, review.github, config.ci.wait_seconds)
    # After waiting, the check states that were read earlier are stale.
    known = None if config.ci.wait_seconds else standing
    return await ci_logs.failing_checks(review.github, snapshot, int(review.services.settings.app_id), known)


async def _standing(review: ReviewRun) -> checks.CIState | None:
    """The state of the checks, read concurrently. None if it cannot be read now, because the run may not need it."""
    try:
        return await checks.read_ci_state(review.github, review.run.repository.full_name, review.run.head_sha)
    except CouncilError:
        return None


async def _choose(review: ReviewRun, config: RepositoryConfig, snapshot: Snapshot, labels: Sequence[str] = ()) -> Selection:
    urgent = find_urgency(labels, snapshot.head_ref, review.job.focus)
    history, settings = await asyncio.gather(
        track_records.load_history(review.services, review.job), review.services.settings_of(review.claim.job.installation_id)
    )
    asked = (review.brief(config), snapshot)
    return await choose_seats(settings, config, *asked, review.ledger(config.limits), SelectionFacts(urgent, history.records))


async def _rule(review: ReviewRun, config: RepositoryConfig, facts: SkipFacts, fetched: pull_request.Fetched) -> SkipReason | None:
    """Why this pull request is not reviewed automatically."""
    reason = find_skip(config.review, facts) or await find_new_author(review.github, fetched, config)
    return reason or await pull_request_pause.find_pause(review)


async def _say_skipped(review: ReviewRun, config: RepositoryConfig, skip: SkipReason) -> None:
    """Post the check run of a skipped review. If GitHub refuses it, only the run page shows the skip."""
    if config.review.publish is Publish.NONE:
        return
    ended = check_run.conclude_skipped(skip.reason, config.gate, by_author=skip.by_author, starts=skip.starts)
    try:
        await check_run.skip(review.run.id, review.run.head_sha, ended, review.writes, review.outbox)
    except (GitHubRejected, NotFound) as error:
        log.warning("could not post the check run of a skipped review", error=str(error))
