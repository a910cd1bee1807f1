"""The pull request review with the inline comments. It is created as PENDING, then submitted."""

from collections.abc import Awaitable, Callable

from app.configuration.repository_config import Publish
from app.errors import GitHubRejected, NotFound
from app.github.publisher import PostedObject, PullRequestPublisher
from app.reporters.reporter import Publication, Turn, at_once, write_once
from app.reporters.review_to_publish import Outbox, ReviewToPublish
from app.reporters.text import inline_text
from app.reporters.text.markdown import link

_PENDING = "PENDING"


class PullRequestReview:
    """The surface in the diff. Without inline findings, there is no review."""

    surface = "review"

    async def publish(self, edition: ReviewToPublish, writes: PullRequestPublisher, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Create an invisible draft, record its id, and submit it in its turn with one line that links the summary.

        GitHub accepts all comments of a review or none. Raises Refused if it accepts none.
        """
        ranked = inline_text.inline_findings(edition)
        if edition.config.review.publish is not Publish.FULL or not ranked:
            return Publication(self.surface, reason="nothing for the diff")
        inline = frozenset(finding.fingerprint for finding in ranked)
        entry = await outbox.intend(self.surface)
        if entry.done:
            return Publication(self.surface, entry.url, "already there", inline)

        async def find() -> PostedObject | None:
            return next((own for own in await writes.own_reviews() if entry.marker in (own.body or "")), None)

        remote = await self._known(writes, entry.remote_id)
        if remote is None:
            comments = [inline_text.comment(edition, finding) for finding in ranked]

            async def write() -> PostedObject:
                return await writes.create_pending_review(edition.snapshot.head_sha, _body("", entry.marker), comments)

            remote = await write_once(entry, find, lambda: _unblocked(writes, entry.marker, write))
            await outbox.created(self.surface, str(remote.id), remote.url)
        await turn()
        if remote.state.upper() == _PENDING:
            summary = await outbox.recall("summary")
            await outbox.conclude(self.surface)
            remote = await _submitted(writes, remote.id, _body(summary.url if summary else "", entry.marker))
        await outbox.done(self.surface)
        return Publication(self.surface, remote.url, inline=inline)

    async def _known(self, writes: PullRequestPublisher, remote_id: str) -> PostedObject | None:
        """The review that an earlier attempt created; None if there is none or it was deleted."""
        try:
            return await writes.review(int(remote_id)) if remote_id else None
        except NotFound:
            return None


def _body(summary_url: str, marker: str) -> str:
    return f"Council's {link('summary', summary_url)} ranks these findings.\n\n{marker}"


async def _submitted(writes: PullRequestPublisher, review_id: int, body: str) -> PostedObject:
    """Submit the review. If GitHub refuses because an earlier request already submitted it, return that review."""
    try:
        return await writes.submit_review(review_id, body)
    except GitHubRejected:
        remote = await writes.review(review_id)
        if remote.state.upper() == _PENDING:
            raise
        return remote


async def withdraw(writes: PullRequestPublisher, outbox: Outbox) -> None:
    """Delete an unsubmitted draft, because it would block the review of the next head."""
    entry = await outbox.recall(PullRequestReview.surface)
    if entry is not None and not entry.done:
        drafts = [own for own in await writes.own_reviews() if own.state.upper() == _PENDING and entry.marker in (own.body or "")]
        for draft in drafts:
            await writes.delete_pending_review(draft.id)


async def _unblocked(writes: PullRequestPublisher, marker: str, write: Callable[[], Awaitable[PostedObject]]) -> PostedObject:
    """Write; if a stale draft blocks that (GitHub keeps one per user and pull request), delete it and write again."""
    try:
        return await write()
    except GitHubRejected:
        stale = [own for own in await writes.own_reviews() if own.state.upper() == _PENDING and marker not in (own.body or "")]
        if not stale:
            raise
        for review in stale:
            await writes.delete_pending_review(review.id)
        return await write()
