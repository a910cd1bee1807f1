"""The summary comment. Each pull request has one, which is edited in place."""

from app.configuration.repository_config import Publish
from app.errors import NotFound
from app.github.publisher import PostedObject, PullRequestPublisher
from app.reporters.reporter import Publication, Turn, at_once, write_once
from app.reporters.review_to_publish import Outbox, ReviewToPublish
from app.reporters.text import summary_text

_ANY = "<!-- council:summary "


class SummaryComment:
    """The surface that shows the whole verdict."""

    surface = "summary"

    async def publish(self, edition: ReviewToPublish, writes: PullRequestPublisher, outbox: Outbox, turn: Turn = at_once) -> Publication:
        """Edit the pull request's summary comment, or create it if there is none."""
        await turn()
        if edition.config.review.publish not in {Publish.FULL, Publish.SUMMARY}:
            return Publication(self.surface, reason="not asked for")
        entry = await outbox.intend(self.surface)
        if entry.done:
            return Publication(self.surface, entry.url, "already there")
        body = summary_text.render(edition, entry.marker)

        async def find() -> PostedObject | None:
            return next((own for own in await writes.own_comments() if _ANY in (own.body or "")), None)

        known = int(entry.remote_id) if entry.remote_id else await outbox.summary_comment()
        remote = await _edited(writes, known, body) if known is not None else None
        if remote is None:
            remote = await write_once(entry, find, lambda: writes.create_comment(body))
            await outbox.created(self.surface, str(remote.id), remote.url)
            if entry.marker not in (remote.body or ""):
                await writes.edit_comment(remote.id, body)
        elif not entry.remote_id:
            await outbox.created(self.surface, str(remote.id), remote.url)
        await outbox.done(self.surface)
        return Publication(self.surface, remote.url)


async def _edited(writes: PullRequestPublisher, comment_id: int, body: str) -> PostedObject | None:
    """The edited comment; None if it was deleted."""
    try:
        return await writes.edit_comment(comment_id, body)
    except NotFound:
        return None
