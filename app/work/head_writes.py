"""Writes for a pull request whose check run is that of its head, shared with every other pull request of the same commit."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import astuple, replace

import structlog

from app.errors import CouncilError, Unavailable
from app.github.client import GitHub
from app.github.writes import Annotation, Conclusion, Remote, Writes
from app.reporters.check_run import NAME
from app.reporters.reporter import LAG_SECONDS
from app.reporters.shared_check import combine
from app.services.workshop import Workshop
from app.store import head_checks
from app.store.head_checks import CheckedHead, CheckPart, SharedCheck
from webhooks.jobs import RepositoryRef

log = structlog.get_logger(__name__)

# Two reviews of one head that end together write after each other; more than a few turns mean that something is wrong.
_MOST_TURNS = 5


class HeadWrites(Writes):
    """The publisher's verbs, but a check run is one for each repository and head.

    It ends with the worst word of the open pull requests of that head. The writer looks once more whether somebody else said
    something meanwhile, and writes again: so the last write tells all of it.
    """

    def __init__(self, workshop: Workshop, writes: Writes, head: CheckedHead) -> None:
        super().__init__(writes.github, writes.target, writes.secrets)
        self._workshop = workshop
        self._head = head
        self._looked = False

    def note_look(self) -> None:
        """Note that this lease has looked on GitHub for the head's check run, and that one that is there was adopted."""
        self._looked = True

    async def adopt_check(self, check_id: int, url: str) -> None:
        """Take over the check run that GitHub has for this head, where none is known."""
        async with self._workshop.database.write() as connection:
            await head_checks.intend(connection, self._head, self._workshop.clock())
            await head_checks.note_found(connection, self._head, str(check_id), url)

    async def adopt_verdict(self, conclusion: str, title: str) -> None:
        """Take over what a verdict said here: a failure that nobody remembers would be taken back by a skip."""
        async with self._workshop.database.write() as connection:
            part = CheckPart(self.target.number, conclusion, title, "verdict")
            await head_checks.put(connection, self._head, part, self._workshop.clock())

    async def create_check(self, name: str, head_sha: str, external_id: str, content: Conclusion, details_url: str = "") -> Remote:
        """Say this on the head's check run, which is made where there is none; `external_id` names the head instead."""
        await self._put(content)
        made = await self._settle(content)
        for left in await self._leave():
            await self.recombine(left)
        return made

    async def update_check(self, check_id: int, content: Conclusion, noted: int = 0) -> Remote:
        """Say this on the head's check run; which annotations it has already is known here."""
        await self._put(content)
        await self._adopt(check_id)
        return await self._settle(content)

    async def check(self, check_id: int) -> Remote:
        """The check run, as one that is still to be written; of the annotations those that did arrive are noted."""
        found = await super().check(check_id)
        async with self._workshop.database.write() as connection:
            shared = await head_checks.read(connection, self._head, self._workshop.clock())
            if shared is not None and len(shared.notes) > found.output.annotations_count:
                await head_checks.keep_notes(connection, self._head, shared.notes[: found.output.annotations_count])
        return found.model_copy(update={"status": ""})

    async def recombine(self, head: CheckedHead) -> None:
        """Bring the check run of a head up to date that this pull request has left; best effort, for its own head comes first."""
        try:
            await HeadWrites(self._workshop, self, head)._settle(None)
        except CouncilError as error:
            log.warning("the check of a former head was not brought up to date", head=head.sha[:12], error=str(error))

    async def _put(self, content: Conclusion) -> None:
        part = CheckPart(self.target.number, content.conclusion, content.title, content.source)
        async with self._workshop.database.write() as connection:
            await head_checks.put(connection, self._head, part, self._workshop.clock())

    async def _leave(self) -> list[CheckedHead]:
        async with self._workshop.database.write() as connection:
            return await head_checks.leave(connection, self._head.repository_id, self.target.number, but=self._head.sha)

    async def _adopt(self, check_id: int) -> None:
        """A check run that was made before heads had theirs, or by another server, is the head's from now on."""
        async with self._workshop.database.write() as connection:
            if await head_checks.intend(connection, self._head, self._workshop.clock()):
                await head_checks.note_created(connection, self._head, str(check_id), "")

    async def _settle(self, content: Conclusion | None) -> Remote:
        """Write until what is written is what all pull requests of the head say."""
        for _ in range(_MOST_TURNS):
            shared, fresh = await self._read()
            combined = combine((self.target.number, content), shared.parts, shared.red)
            combined = replace(combined, annotations=await self._unsent(shared, combined.annotations))
            if shared.remote_id:
                remote = await super().update_check(int(shared.remote_id), combined)
            else:
                remote = await self._create(shared, combined, fresh=fresh)
            now, _ = await self._read()
            if now.version == shared.version:
                return remote
        raise Unavailable("the check run of this commit changes all the time", retry_after=LAG_SECONDS)

    async def _read(self) -> tuple[SharedCheck, bool]:
        now = self._workshop.clock()
        async with self._workshop.database.write() as connection:
            fresh = await head_checks.intend(connection, self._head, now)
            shared = await head_checks.read(connection, self._head, now)
        assert shared is not None
        return shared, fresh

    async def _create(self, shared: SharedCheck, content: Conclusion, *, fresh: bool) -> Remote:
        """Make the check run. Look first, unless this lease has: somebody else may have made it, also under another database."""
        external_id = f"council:{self._head.repository_id}:{self._head.sha}"
        remote = None
        if not (fresh and self._looked):
            await asyncio.sleep(0.0 if fresh else max(0.0, LAG_SECONDS - shared.age))
            known, _ = await self._read()
            if known.remote_id:
                return await super().update_check(int(known.remote_id), content)
            own = await self.own_checks(self._head.sha, NAME)
            remote = next((each for each in own if each.external_id == external_id), None)
        try:
            remote = remote or await super().create_check(NAME, self._head.sha, external_id, replace(content, annotations=()))
        except Unavailable as error:
            raise Unavailable(str(error), retry_after=max(LAG_SECONDS, error.retry_after or 0.0)) from error
        async with self._workshop.database.write() as connection:
            await head_checks.note_created(connection, self._head, str(remote.id), remote.url)
        return remote

    async def _unsent(self, shared: SharedCheck, notes: Sequence[Annotation]) -> tuple[Annotation, ...]:
        """The annotations that the check run does not have; GitHub appends, and takes none back."""
        new = {digest: note for note in notes if (digest := _digest(note)) not in shared.notes}
        if new:
            async with self._workshop.database.write() as connection:
                await head_checks.keep_notes(connection, self._head, (*shared.notes, *new))
        return tuple(new.values())


async def leave_checks(workshop: Workshop, github: GitHub, repository: RepositoryRef, number: int) -> None:
    """Take a pull request that was closed off the check runs that it shares, and bring those up to date."""
    async with workshop.database.write() as connection:
        shared = await head_checks.leave(connection, repository.id, number)
    for head in shared:
        plain = workshop.writes(github, await workshop.identity(), repository.full_name, number)
        await HeadWrites(workshop, plain, head).recombine(head)


def _digest(note: Annotation) -> str:
    return hashlib.sha256(repr(astuple(note)).encode(errors="surrogatepass")).hexdigest()[:12]
