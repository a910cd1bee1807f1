"""The summary: one comment per pull request, edited in place by every run."""

from collections.abc import Sequence

from app.errors import NotFound
from app.github.writes import Remote, Writes
from app.reporters.edition import Edition, Entry, Outbox
from app.reporters.exactly_once import create_once
from app.reporters.reporter import Publication
from app.reporters.summary_text import summary

FIRST_WORDS = "<!-- council:summary "


class SummaryComment:
    """Publishes the summary; an edit says the same however often it is made, so only the creation needs care."""

    surface = "summary"

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication:
        if edition.config.review.publish not in {"full", "summary"}:
            return Publication(self.surface, reason="the repository wants no summary comment")
        entry = await outbox.intend(self.surface)
        if not entry.done:
            entry = await self._write(edition, writes, outbox, entry)
            await outbox.done(self.surface)
        return Publication(self.surface, entry.url)

    async def _write(self, edition: Edition, writes: Writes, outbox: Outbox, entry: Entry) -> Entry:
        body = summary(edition, entry.marker)
        known = int(entry.remote_id) if entry.remote_id else await outbox.summary_comment()
        if known is not None:
            try:
                remote = await writes.edit_comment(known, body)
                return await outbox.created(self.surface, str(remote.id), remote.url)
            except NotFound:
                # Somebody deleted it: a new one is written.
                entry = Entry(self.surface, entry.marker, fresh=False)

        async def find() -> Sequence[Remote]:
            return [found for found in await writes.own_comments() if (found.body or "").startswith(FIRST_WORDS)]

        remote = await create_once(find, lambda: writes.create_comment(body), lambda one: writes.delete_comment(one.id), entry.fresh)
        if (remote.body or "") != body:
            remote = await writes.edit_comment(remote.id, body)
        return await outbox.created(self.surface, str(remote.id), remote.url)
