"""Adopts what our App has already posted about a head, before a review is paid for, even if another database recorded it."""

from dataclasses import dataclass

import structlog

from app.github.own_posts import PENDING, OwnCheck, OwnPost, OwnPosts, read_own_posts
from app.github.publisher import Conclusion
from app.reporters.check_run import NAME
from app.reporters.check_run import SURFACE as CHECK
from app.reporters.text.inline_text import marked_finding
from app.store.reviews.markers import old_surfaces, read_markers
from app.store.tables.core import RunState
from app.work.reviews.review_run import ReviewRun

log = structlog.get_logger(__name__)

_OURS = "council:"
_SUMMARY, _REVIEW = "summary", "review"
_ADOPTED = "it was reviewed before; the posts on GitHub are kept"


@dataclass(frozen=True)
class Posted:
    """What GitHub has of one review: the `summary` comment, the `review` with its inline comments, and the head's `check` run."""

    summary: OwnPost | None = None
    review: OwnPost | None = None
    check: OwnCheck | None = None
    is_named_by_check: bool = False
    is_complete: bool = False


async def read_posted(review: ReviewRun) -> OwnPosts:
    """Read what our App has posted about this pull request and its head, in one read."""
    return await read_own_posts(review.writes, review.run.head_sha, NAME)


async def adopt_posted(review: ReviewRun, posts: OwnPosts) -> bool:
    """Record the existing posts as this run's. Returns whether they are the whole review, so that nothing is left to pay for or post.

    This never ends a run that has a verdict, because posting its missing surfaces costs nothing.
    """
    posted = find_posted(posts, review.run.number, review.run.head_sha, review.run.trigger)
    if any_summary := _summaries(posts):
        await review.outbox.adopt_summary_comment(any_summary[-1].id)
    if posted.check is not None:
        await review.writes.adopt_check(posted.check.id, posted.check.url)
    await _adopt_surfaces(review, posted)
    review.outbox.note_look()
    review.writes.note_look()
    if review.run.verdict or not posted.is_complete:
        return False
    await _end(review, posted)
    return True


def find_posted(posts: OwnPosts, number: int, head_sha: str, trigger: str) -> Posted:
    """Our posts that belong to the review of this head which `trigger` started."""

    def is_of(text: str, surface: str) -> bool:
        return any(marker.surface == surface and marker.is_of(number, head_sha, trigger) for marker in read_markers([text]))

    check = next((each for each in reversed(posts.checks) if each.external_id.startswith(_OURS)), None)
    named = check is not None and check.is_completed and is_of(check.summary, CHECK)
    summary = next((post for post in posts.comments if is_of(post.body, _SUMMARY)), None)
    old_summary = next((post for post in posts.comments if _SUMMARY in old_surfaces(post.body)), None)
    old = trigger == "auto" and check is not None and _is_old_verdict(check) and old_summary is not None
    summary = summary or (old_summary if old else None)
    review = next((post for post in posts.reviews if is_of(post.body, _REVIEW)), None)
    drafts = any(post.state == PENDING for post in posts.reviews)
    return Posted(summary, review, check, named, (named or old or summary is not None) and not drafts)


def said_inline(review: ReviewRun, posts: OwnPosts) -> frozenset[str]:
    """The first characters of the fingerprints that our other reviews posted on the diff."""
    own = find_posted(posts, review.run.number, review.run.head_sha, review.run.trigger).review
    bodies = [body for post in posts.reviews if post != own and post.state != PENDING for body in post.inline]
    return frozenset(beginning for body in bodies if (beginning := marked_finding(body)))


def _is_old_verdict(check: OwnCheck) -> bool:
    """Whether a check run from before markers named heads holds a verdict. A neutral one may end a review or an attempt, so it does not
    count.
    """
    return check.is_completed and check.conclusion in {"success", "failure"} and not read_markers([check.summary])


def _summaries(posts: OwnPosts) -> list[OwnPost]:
    """The summary comments for any head."""
    return [
        post
        for post in posts.comments
        if _SUMMARY in old_surfaces(post.body) or any(marker.surface == _SUMMARY for marker in read_markers([post.body]))
    ]


async def _adopt_surfaces(review: ReviewRun, posted: Posted) -> None:
    if posted.summary is not None:
        await review.outbox.adopt(_SUMMARY, str(posted.summary.id), posted.summary.url, done=True)
    if posted.review is not None:
        await review.outbox.adopt(_REVIEW, str(posted.review.id), posted.review.url, done=posted.review.state != PENDING)
    if posted.check is not None:
        await review.outbox.adopt(CHECK, str(posted.check.id), posted.check.url, done=posted.is_named_by_check)
    if posted.check is not None and posted.is_named_by_check:
        check = posted.check
        await review.writes.adopt_verdict(Conclusion("completed", check.title, check.summary, conclusion=check.conclusion))  # type: ignore[arg-type]


async def _end(review: ReviewRun, posted: Posted) -> None:
    """End the run as published, and complete the check run that an attempt left in progress."""
    if posted.check is not None and not posted.check.is_completed:
        ended = Conclusion("completed", "Reviewed before", "See the summary comment for the findings.", conclusion="neutral")
        await review.writes.update_check(posted.check.id, ended)
        await review.outbox.done(CHECK)
    await review.advance(RunState.PUBLISHED, reason=_ADOPTED)
    log.info("adopted", run=review.run.id, head=review.run.head_sha[:12])
