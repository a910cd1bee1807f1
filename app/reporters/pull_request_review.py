"""The pull-request review that carries the inline comments: created PENDING, then submitted."""

from collections.abc import Awaitable, Callable

from app.errors import NotFound, Refused
from app.github.repository_config import Publish
from app.github.writes import Remote, Writes
from app.reporters import inline_text, summary_text
from app.reporters.edition import Edition, Outbox
from app.reporters.markdown import link
from app.reporters.reporter import Publication, once

_PENDING = "PENDING"


class PullRequestReview:
    """The surface in the diff; no inline finding, no review."""

    surface = "review"

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication:
        """Create the review where nobody sees it, note its id, then submit it."""
        ranked = inline_text.chosen(edition)
        if edition.config.review.publish is not Publish.FULL or not ranked:
            return Publication(self.surface, reason="nothing for the diff")
        inline = frozenset(each.fingerprint for each in ranked)
        entry = await outbox.intend(self.surface)
        if entry.done:
            return Publication(self.surface, entry.url, "already there", inline)

        async def find() -> Remote | None:
            return next((own for own in await writes.own_reviews() if entry.marker in (own.body or "")), None)

        remote = await self._known(writes, entry.remote_id)
        if remote is None:
            body = f"{await self._lead(outbox)}\n\n{entry.marker}"
            comments = [inline_text.comment(each) for each in ranked]

            async def write() -> Remote:
                return await writes.create_pending_review(edition.snapshot.head_sha, body, comments)

            try:
                remote = await once(entry, find, lambda: _unblocked(writes, entry.marker, write))
            except Refused as error:
                await _into_summary(edition, writes, outbox)
                await outbox.done(self.surface)
                return Publication(self.surface, reason=f"GitHub took no inline comments: {error}")
            await outbox.created(self.surface, str(remote.id), remote.url)
        if remote.state.upper() == _PENDING:
            await outbox.conclude(self.surface)
            remote = await writes.submit_review(remote.id)
        await outbox.done(self.surface)
        return Publication(self.surface, remote.url, inline=inline)

    async def _known(self, writes: Writes, remote_id: str) -> Remote | None:
        """The review that an earlier attempt created; None when there is none, or somebody deleted it."""
        try:
            return await writes.review(int(remote_id)) if remote_id else None
        except NotFound:
            return None

    async def _lead(self, outbox: Outbox) -> str:
        summary = await outbox.recall("summary")
        return f"Council's {link('summary', summary.url if summary else '')} ranks these findings."


async def withdraw(writes: Writes, outbox: Outbox) -> None:
    """Take back a draft that was not submitted: it would block the review of the next head."""
    entry = await outbox.recall(PullRequestReview.surface)
    if entry is not None and entry.remote_id and not entry.done:
        try:
            if (await writes.review(int(entry.remote_id))).state.upper() == _PENDING:
                await writes.delete_pending_review(int(entry.remote_id))
        except NotFound:
            return


async def _into_summary(edition: Edition, writes: Writes, outbox: Outbox) -> None:
    """GitHub takes all comments of a review or none; when it takes none, the summary carries their text."""
    summary = await outbox.recall("summary")
    if summary is not None and summary.remote_id:
        await writes.edit_comment(int(summary.remote_id), summary_text.render(edition, summary.marker, inline_refused=True))


async def _unblocked(writes: Writes, marker: str, write: Callable[[], Awaitable[Remote]]) -> Remote:
    """Write; when a stale draft of ours is in the way, for GitHub keeps one a user and pull request, delete it and write again."""
    try:
        return await write()
    except Refused:
        stale = [own for own in await writes.own_reviews() if own.state.upper() == _PENDING and marker not in (own.body or "")]
        if not stale:
            raise
        for review in stale:
            await writes.delete_pending_review(review.id)
        return await write()
