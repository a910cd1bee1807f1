"""Writes the check run of a head, which all pull requests with the same commit share."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import astuple, replace

import structlog

from app.errors import CouncilError, Unavailable, WorldError
from app.github.installation_client import InstallationClient
from app.github.publisher import Annotation, Conclusion, PostedObject, PullRequestPublisher
from app.reporters.check_run import NAME
from app.reporters.shared_check import combine, read_part
from app.services.worker import WorkerServices
from app.store.reviews import head_checks
from app.store.reviews.head_checks import CheckedHead, CheckPart, SharedCheck
from app.store.reviews.outbox import READ_LAG_SECONDS
from webhooks.jobs import RepositoryRef

log = structlog.get_logger(__name__)

# Two reviews of one head that end together write in turn. More than a few turns mean that something is wrong.
_MOST_TURNS = 5


class HeadWrites(PullRequestPublisher):
    """The publisher's verbs, with one check run per repository and head.

    The check run ends with the worst conclusion of the head's open pull requests. After each write the writer checks whether another pull
    request changed its part, and writes again if so. The last write therefore holds all parts.
    """

    def __init__(self, services: WorkerServices, writes: PullRequestPublisher, head: CheckedHead) -> None:
        super().__init__(writes.github, writes.target, writes.secrets)
        self._services = services
        self._head = head
        self._looked = False

    def note_look(self) -> None:
        """Record that this lease has looked on GitHub for the head's check run and adopted any that exists."""
        self._looked = True

    async def adopt_check(self, check_id: int, url: str) -> None:
        """Adopt the check run that GitHub has for this head, if none is recorded."""
        async with self._services.database.write() as connection:
            await head_checks.intend_check(connection, self._head, self._services.clock())
            await head_checks.note_found(connection, self._head, str(check_id), url)

    async def adopt_verdict(self, content: Conclusion) -> None:
        """Record what the check run says of an earlier verdict. Without it, a skip would overwrite a failure."""
        async with self._services.database.write() as connection:
            part = read_part(self.target.number, content)
            known = await head_checks.find_part(connection, self._head, part.number)
            if known is not None and known.conclusion == part.conclusion:
                # GitHub has the title with its signs escaped.
                part = replace(part, title=known.title)
            await head_checks.save_part(connection, self._head, part, self._services.clock())

    async def create_check(self, name: str, head_sha: str, external_id: str, content: Conclusion, details_url: str = "") -> PostedObject:
        """Set this pull request's part of the head's check run, and create the run if needed. `external_id` is ignored."""
        await self._put(content)
        made = await self._settle(content)
        for left in await self._leave():
            await self.recombine(left)
        return made

    async def update_check(self, check_id: int, content: Conclusion, noted: int = 0) -> PostedObject:
        """Set this pull request's part of the head's check run. The annotations already sent are tracked here."""
        await self._put(content)
        await self._adopt(check_id)
        return await self._settle(content)

    async def check(self, check_id: int) -> PostedObject:
        """The check run as one that still has to be written. Annotations that GitHub accepted are recorded as sent."""
        found = await super().check(check_id)
        async with self._services.database.write() as connection:
            shared = await head_checks.read_shared_check(connection, self._head, self._services.clock())
            if shared is not None and len(shared.notes) > found.output.annotations_count:
                await head_checks.keep_notes(connection, self._head, shared.notes[: found.output.annotations_count])
        return found.model_copy(update={"status": ""})

    async def recombine(self, head: CheckedHead) -> WorldError | None:
        """Update the check run of a head that this pull request has left. Returns an error that may pass: the current head matters more."""
        try:
            await HeadWrites(self._services, self, head)._settle(None)
        except CouncilError as error:
            log.warning("could not update the check run of a former head", head=head.sha[:12], error=str(error))
            if isinstance(error, WorldError):
                async with self._services.database.write() as connection:
                    await head_checks.return_part(connection, head, self.target.number)
                return error
        return None

    async def _put(self, content: Conclusion) -> None:
        part = CheckPart(self.target.number, content.conclusion, content.title, content.source)
        async with self._services.database.write() as connection:
            await head_checks.save_part(connection, self._head, part, self._services.clock())

    async def _leave(self) -> list[CheckedHead]:
        async with self._services.database.write() as connection:
            return await head_checks.leave_check(connection, self._head.repository_id, self.target.number, but=self._head.sha)

    async def _adopt(self, check_id: int) -> None:
        """Record a check run from before heads had their own, or from another server, as the head's from now on."""
        async with self._services.database.write() as connection:
            if await head_checks.intend_check(connection, self._head, self._services.clock()):
                await head_checks.note_created(connection, self._head, str(check_id), "")

    async def _settle(self, content: Conclusion | None) -> PostedObject:
        """Write until the check run holds the parts of all pull requests of the head."""
        for _ in range(_MOST_TURNS):
            shared, fresh = await self._read()
            combined = combine(self.target.number, content, shared.parts, shared.red)
            combined = replace(combined, annotations=await self._unsent(shared, combined.annotations))
            if shared.remote_id:
                remote = await super().update_check(int(shared.remote_id), combined)
            else:
                remote = await self._create(shared, combined, fresh=fresh)
            now, _ = await self._read()
            if now.version == shared.version:
                return remote
        raise Unavailable("the check run of this commit keeps changing", retry_after=READ_LAG_SECONDS)

    async def _read(self) -> tuple[SharedCheck, bool]:
        now = self._services.clock()
        async with self._services.database.write() as connection:
            fresh = await head_checks.intend_check(connection, self._head, now)
            shared = await head_checks.read_shared_check(connection, self._head, now)
        assert shared is not None
        return shared, fresh

    async def _create(self, shared: SharedCheck, content: Conclusion, *, fresh: bool) -> PostedObject:
        """Create the check run. Look first, unless this lease has: another worker may have created it, also with another database."""
        external_id = f"council:{self._head.repository_id}:{self._head.sha}"
        remote = None
        if not (fresh and self._looked):
            await asyncio.sleep(0.0 if fresh else max(0.0, self._services.times.read_lag - shared.age))
            check, _ = await self._read()
            if check.remote_id:
                return await super().update_check(int(check.remote_id), content)
            own = await self.own_checks(self._head.sha, NAME)
            remote = next((each for each in own if each.external_id == external_id), None)
        try:
            remote = remote or await super().create_check(NAME, self._head.sha, external_id, replace(content, annotations=()))
        except Unavailable as error:
            raise Unavailable(str(error), retry_after=max(READ_LAG_SECONDS, error.retry_after or 0.0)) from error
        async with self._services.database.write() as connection:
            await head_checks.note_created(connection, self._head, str(remote.id), remote.url)
        return remote

    async def _unsent(self, shared: SharedCheck, notes: Sequence[Annotation]) -> tuple[Annotation, ...]:
        """The annotations that the check run lacks. GitHub only appends annotations and never removes any."""
        new = {digest: note for note in notes if (digest := _digest(note)) not in shared.notes}
        if new:
            async with self._services.database.write() as connection:
                await head_checks.keep_notes(connection, self._head, (*shared.notes, *new))
        return tuple(new.values())


async def leave_checks(services: WorkerServices, github: InstallationClient, repository: RepositoryRef, number: int, but: str = "") -> None:
    """Remove a pull request from the check runs that it shares, except that of the head `but`, and update those.

    Raises WorldError to try again.
    """
    async with services.database.write() as connection:
        shared = await head_checks.leave_check(connection, repository.id, number, but)
    plain = services.writes(github, await services.identity(), repository.full_name, number)
    errors = [await HeadWrites(services, plain, head).recombine(head) for head in shared]
    for error in filter(None, errors):
        raise error


def _digest(note: Annotation) -> str:
    return hashlib.sha256(repr(astuple(note)).encode(errors="surrogatepass")).hexdigest()[:12]
