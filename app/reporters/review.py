"""The review: comments on the lines of the diff, created unseen, then submitted at once."""

from collections.abc import Sequence

from app.errors import NotFound, Refused, Unavailable
from app.github.writes import InlineComment, Remote, Writes
from app.reporters.edition import Edition, Entry, Outbox
from app.reporters.exactly_once import ATTEMPTS, create_once
from app.reporters.inline_text import inline_comment
from app.reporters.markdown import link, marker_comment
from app.reporters.reporter import Publication
from app.reporters.summary_text import summary
from app.reporters.wording import inline

PENDING = "PENDING"


class Review:
    """Publishes inline findings as one review that only comments."""

    surface = "review"

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication:
        if edition.config.review.publish != "full":
            return Publication(self.surface, reason="the repository wants no comments on the diff")
        if not inline(edition):
            return Publication(self.surface, reason="no inline finding")
        entry = await outbox.intend(self.surface)
        if entry.done:
            return Publication(self.surface, entry.url)
        try:
            remote = await self._pending(edition, writes, outbox, entry)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            return await self._into_summary(edition, writes, outbox)
        if remote.state == PENDING:
            remote = await _submit(writes, remote.id)
        await outbox.created(self.surface, str(remote.id), remote.url)
        await outbox.done(self.surface)
        return Publication(self.surface, remote.url)

    async def _pending(self, edition: Edition, writes: Writes, outbox: Outbox, entry: Entry) -> Remote:
        """Our review of this run: the recorded one, one whose answer was lost, or a new one."""
        if entry.remote_id:
            try:
                return await writes.review(int(entry.remote_id))
            except NotFound:
                entry = Entry(self.surface, entry.marker, fresh=False)
        mark = marker_comment("review", entry.marker)
        body = f"{mark}\n{link('All findings, the plan and what each seat said', (await outbox.intend('summary')).url)}"
        comments = [InlineComment(one.finding.location, inline_comment(one)) for one in inline(edition)]

        async def find() -> Sequence[Remote]:
            return [found for found in await writes.own_reviews() if (found.body or "").startswith(mark)]

        async def create() -> Remote:
            try:
                return await writes.create_pending_review(edition.verdict.head_sha, body, comments)
            except Refused as refusal:
                if refusal.status != 422 or not await _clear(writes, mark):
                    raise
            return await writes.create_pending_review(edition.verdict.head_sha, body, comments)

        remote = await create_once(find, create, lambda one: _remove(writes, one), entry.fresh)
        await outbox.created(self.surface, str(remote.id), remote.url)
        return remote

    async def _into_summary(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication:
        """GitHub takes all comments or none; when it takes none, the summary carries their text."""
        shown = await outbox.intend("summary")
        if shown.remote_id:
            await writes.edit_comment(int(shown.remote_id), summary(edition, shown.marker, inline_refused=True))
        await outbox.done(self.surface)
        return Publication(self.surface, reason="GitHub refused the comments on the diff; the summary has them")


async def _submit(writes: Writes, review_id: int) -> Remote:
    for attempt in range(ATTEMPTS):
        try:
            return await writes.submit_review(review_id)
        except (Unavailable, Refused) as error:
            # Applied with its answer lost: then it is not PENDING any more.
            now = await writes.review(review_id)
            if now.state != PENDING:
                return now
            if attempt == ATTEMPTS - 1 or isinstance(error, Refused):
                raise
    raise AssertionError("unreachable")


async def _clear(writes: Writes, mark: str) -> bool:
    """Delete a pending review that a dead run left: GitHub allows one, and it blocks ours."""
    stale = [found for found in await writes.own_reviews() if found.state == PENDING and not (found.body or "").startswith(mark)]
    for one in stale:
        await writes.delete_pending_review(one.id)
    return bool(stale)


async def _remove(writes: Writes, review: Remote) -> None:
    if review.state == PENDING:
        await writes.delete_pending_review(review.id)
