"""The check run: opened when a run starts, completed when its verdict is published."""

from collections.abc import Sequence

from app.github.writes import Conclusion, Remote, Writes
from app.reporters.check_text import failed, finished, under_way
from app.reporters.edition import Edition, Outbox
from app.reporters.exactly_once import create_once
from app.reporters.reporter import Publication

NAME = "Council"


class CheckRun:
    """Publishes the verdict as a check run; one per run, recognised by its `external_id`."""

    surface = "check"

    async def publish(self, edition: Edition, writes: Writes, outbox: Outbox) -> Publication:
        if edition.config.review.publish == "none":
            return Publication(self.surface, reason="the repository publishes nothing")
        return await self._complete(writes, outbox, edition.verdict.head_sha, finished(edition))

    async def start(self, writes: Writes, outbox: Outbox, head_sha: str, details_url: str = "") -> Publication:
        """Show that a run is under way."""
        _, url, _ = await self._opened(writes, outbox, head_sha, details_url)
        return Publication(self.surface, url)

    async def give_up(self, writes: Writes, outbox: Outbox, head_sha: str, reason: str) -> Publication:
        """End it neutral: the run has no verdict."""
        return await self._complete(writes, outbox, head_sha, failed(reason))

    async def _complete(self, writes: Writes, outbox: Outbox, head_sha: str, content: Conclusion) -> Publication:
        check_id, url, done = await self._opened(writes, outbox, head_sha, "")
        if not done:
            # Annotations are appended, never replaced: a second completion must not bring them again.
            again = (await writes.check(check_id)).status == "completed" if content.annotations else False
            remote = None if again else await writes.update_check(check_id, content)
            url = remote.url if remote else url
            await outbox.done(self.surface)
        return Publication(self.surface, url)

    async def _opened(self, writes: Writes, outbox: Outbox, head_sha: str, details_url: str) -> tuple[int, str, bool]:
        entry = await outbox.intend(self.surface)
        if entry.remote_id:
            return int(entry.remote_id), entry.url, entry.done

        async def find() -> Sequence[Remote]:
            return [check for check in await writes.own_checks(head_sha, NAME) if check.external_id == entry.marker]

        async def create() -> Remote:
            return await writes.create_check(NAME, head_sha, entry.marker, under_way(), details_url)

        remote = await create_once(find, create, None, entry.fresh)
        await outbox.created(self.surface, str(remote.id), remote.url)
        return remote.id, remote.url, False
