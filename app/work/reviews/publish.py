"""Publishes a verdict on every surface exactly once. A surface that GitHub refuses does not stop the others."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import structlog

from app.errors import CouncilError, GitHubRejected, Locked, Superseded, Unavailable, WorldError
from app.reporters import REPORTERS, check_run, pull_request_review
from app.reporters.reporter import Reporter
from app.reporters.review_to_publish import ReviewToPublish
from app.reporters.text import summary_text
from app.store.reviews import findings
from app.work.reviews.review_run import ReviewRun

log = structlog.get_logger(__name__)

Refusals = dict[str, GitHubRejected | Locked]
# A refusal may pass, such as a 422 about a commit that GitHub does not show yet. A review that waits longer is of little use.
PAUSE = 30.0
_NAMES = {"summary": "The summary comment", "review": "Comments on the diff", "check": "The check run"}


async def publish_review(review: ReviewRun, edition: ReviewToPublish) -> tuple[str, ...]:
    """Publish on every surface. Returns one line per surface that GitHub refused, which the other surfaces show.

    Raises Unavailable to retry a refusal that may pass, after a pause. Raises Refused if no surface accepted anything.
    """
    refused = await _publish_everywhere(review, edition)
    if not refused:
        return ()
    may_pass = [error for error in refused.values() if isinstance(error, GitHubRejected) and not error.permission]
    if may_pass and review.claim.attempt == 1:
        raise Unavailable(f"GitHub refused to publish: {may_pass[0]}", retry_after=PAUSE)
    edition = replace(edition, refusals=lines_of(refused))
    if not await _say_on_the_others(review, edition, refused):
        raise next(iter(refused.values()))
    return edition.refusals


def lines_of(refused: Mapping[str, CouncilError]) -> tuple[str, ...]:
    """What GitHub refused, one line per surface, with the missing permission if there is one."""
    return tuple(f"{_NAMES.get(surface, surface)} could not be written: {_why(error)}" for surface, error in refused.items())


def _why(error: CouncilError) -> str:
    if isinstance(error, GitHubRejected):
        # Earlier attempts are found by reading, but publishing needs to write.
        needed = GitHubRejected(str(error), error.status, error.permission.replace(": read", ": write"))
        return needed.permission_line or f"GitHub answered {error.status}."
    return f"{error}."


async def _publish_everywhere(review: ReviewRun, edition: ReviewToPublish) -> Refusals:
    refused: Refusals = {}
    first, *rest = REPORTERS
    # Publish the summary first, because the others link to it, then the others concurrently.
    turns = [asyncio.create_task(_surface(review, edition, first, None, refused))]
    turns += [asyncio.create_task(_surface(review, edition, reporter, turns[0], refused)) for reporter in rest]
    # Wait for all before raising one's error: no write is in progress when this raises.
    await wait_for_writes(*turns)
    errors = [error for turn in turns if (error := turn.exception()) is not None]
    for error in sorted(errors, key=lambda error: isinstance(error, WorldError)):
        raise error
    return refused


async def wait_for_writes(*writing: asyncio.Task[Any]) -> None:
    """Wait until all writes are done, even if this review is cancelled: a write whose answer is lost would be done twice."""
    cancelled: asyncio.CancelledError | None = None
    while not all(task.done() for task in writing):
        try:
            await asyncio.wait(writing)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        # Errors of the writes, such as an outdated head, come second.
        for task in writing:
            task.exception()
        raise cancelled


async def _surface(
    review: ReviewRun, edition: ReviewToPublish, reporter: Reporter, before: asyncio.Task[None] | None, refused: Refusals
) -> None:
    """Publish on one surface: hidden parts at once, the rest when the surface before it is published or was refused."""

    async def turn() -> None:
        if before is not None:
            await before

    try:
        with review.services.telemetry.tracer.span(f"publish {reporter.surface}", {"council.run": review.run.id}):
            publication = await reporter.publish(edition, review.writes, review.outbox, turn)
    except (GitHubRejected, Locked) as error:
        log.warning("GitHub refused a surface", surface=reporter.surface, error=str(error))
        refused[reporter.surface] = error
        return
    await turn()
    log.info("surface", surface=publication.surface, url=publication.url, reason=publication.reason)
    if publication.inline:
        async with review.services.database.write() as connection:
            await findings.note_inline(connection, review.run.id, publication.inline)


async def _say_on_the_others(review: ReviewRun, edition: ReviewToPublish, refused: Refusals) -> bool:
    """Add what was refused to the surfaces that are published. Returns False if there are none."""
    writes, outbox = review.writes, review.outbox
    summary, check = await outbox.recall("summary"), await outbox.recall(check_run.SURFACE)
    shown = False
    if "review" in refused:
        with suppress(GitHubRejected):
            await pull_request_review.withdraw(writes, outbox)
    if "summary" not in refused and summary is not None and summary.remote_id:
        shown = True
        with suppress(GitHubRejected, Locked):
            body = summary_text.render(edition, summary.marker, inline_refused="review" in refused)
            await writes.edit_comment(int(summary.remote_id), body)
    if check_run.SURFACE not in refused and check is not None and check.remote_id:
        shown = True
        with suppress(GitHubRejected):
            conclusion = check_run.conclusion(edition, check.marker)
            await writes.update_check(int(check.remote_id), conclusion, len(conclusion.annotations))
    return shown


async def say_dead(review: ReviewRun, reason: str) -> None:
    """Report a failed run on the check run or, if GitHub refuses that, in the conversation. Raises only errors that may pass."""
    try:
        await pull_request_review.withdraw(review.writes, review.outbox)
    except GitHubRejected as error:
        log.warning("could not delete a draft review", error=str(error))
    try:
        await check_run.abandon(review.run.id, review.run.head_sha, reason, review.writes, review.outbox)
    except GitHubRejected as error:
        log.warning("GitHub refused a surface", surface=check_run.SURFACE, error=str(error))
        refusals = "\n".join(lines_of({check_run.SURFACE: error}))
        with suppress(GitHubRejected, Superseded):
            await check_run.abandon_in_words(f"{reason}\n\n{refusals}", review.writes, review.outbox)
