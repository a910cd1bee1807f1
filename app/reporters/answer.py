"""The comment that answers a question. It is created once, shows progress, and is then edited in place."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from app.errors import CouncilError, DraftPending, NotFound
from app.github.publisher import PostedObject, PullRequestPublisher
from app.reporters.reporter import write_once
from app.reporters.text import answer_text
from app.reporters.text.answer_text import Offered, SeatLine
from app.reporters.text.markdown import link
from app.store.reviews.outbox import JobOutbox, OutboxEntry
from reviewers.council.rounds import SeatEvent

SURFACE = "answer"
# Seconds between two edits. GitHub accepts 80 writes per minute per installation.
GAP = 3.0
# How many attempts wait for Council's draft review to be submitted before the answer goes into the conversation, not its thread.
PATIENCE = 2


@dataclass(frozen=True)
class Thread:
    """The thread on the diff in which to answer; 0 is the conversation.

    GitHub accepts no replies while Council has a draft review. A patient answer waits; another goes into the conversation.
    """

    id: int = 0
    is_patient: bool = True


class AnswerComment:
    """One comment of one job, in the conversation or in a thread on the diff. It exists once, even after crashes."""

    def __init__(self, writes: PullRequestPublisher, outbox: JobOutbox, thread: Thread = Thread(), surface: str = SURFACE) -> None:
        self._writes = writes
        self._outbox = outbox
        self._thread = thread
        self._surface = surface
        self._id: int | None = None
        self._looked = False
        self._is_in_thread = False
        self.marker = ""

    async def answered(self, *, waits: bool = True) -> bool:
        """Whether the complete answer is already posted, by any attempt or database. Adopts an incomplete one.

        `waits` is False if this attempt created the row, because then no earlier write can be in flight.
        """
        entry = await self._outbox.intend(self._surface)
        there = await self._known(entry) if entry.remote_id else await self._find(entry.marker)
        if there is not None and not entry.remote_id:
            await self._outbox.created(self._surface, str(there.id), there.url)
        # An existing row can mean a write in flight; `once` waits for it before it writes again.
        self._looked = entry.added or not waits
        return there is not None and not answer_text.is_progress(there.body or "")

    async def begin(self, body: Callable[[str], str]) -> tuple[int, str]:
        """The comment's id and address. Creates it unless an earlier attempt did; `body` gets the marker."""
        entry = await self._outbox.intend(self._surface)
        self.marker = entry.marker
        if entry.remote_id:
            self._note(int(entry.remote_id), entry.url)
            return int(entry.remote_id), entry.url
        # This attempt looked for the comment and did not find it, so it does not exist.
        entry = replace(entry, fresh=self._looked)
        remote = await write_once(entry, lambda: self._find(entry.marker), lambda: self._write(body(entry.marker)))
        await self._outbox.created(self._surface, str(remote.id), remote.url)
        self._note(remote.id, remote.url)
        return remote.id, remote.url

    async def _known(self, entry: OutboxEntry) -> PostedObject | None:
        """The comment of that entry; None if it was deleted."""
        self._note(int(entry.remote_id), entry.url)
        with contextlib.suppress(NotFound):
            return await (self._writes.review_comment if self._is_in_thread else self._writes.comment)(int(entry.remote_id))
        return None

    async def show(self, body: str) -> None:
        """Edit the comment. A deleted comment is not written again."""
        if self._id is None:
            raise LookupError("the answer was not begun")
        with contextlib.suppress(NotFound):
            await (self._writes.edit_review_comment if self._is_in_thread else self._writes.edit_comment)(self._id, body)

    async def _find(self, marker: str) -> PostedObject | None:
        there = await self._writes.own_review_comments() if self._thread.id else ()
        if not self._thread.id or not self._thread.is_patient:
            there += await self._writes.own_comments()
        return next((own for own in there if marker in (own.body or "")), None)

    async def _write(self, text: str) -> PostedObject:
        if not self._thread.id:
            return await self._writes.create_comment(text)
        try:
            return await self._writes.reply(self._thread.id, text)
        except DraftPending:
            if self._thread.is_patient:
                raise
            about = link("this thread", await self._writes.thread_url(self._thread.id))
            return await self._writes.create_comment(f"In answer to {about}:\n\n{text}")

    def _note(self, comment_id: int, url: str) -> None:
        self._id = comment_id
        self._is_in_thread = bool(self._thread.id) and "#issuecomment-" not in url


class Thinking:
    """Shows the progress of a consultation in its comment."""

    def __init__(self, comment: AnswerComment, clock: Callable[[], float], earlier: Sequence[Offered]) -> None:
        self._comment = comment
        self._clock = clock
        self._earlier = earlier
        self._began = clock()
        self._seats: dict[str, SeatLine] = {}
        self._stage = "opinion"
        self._changed = asyncio.Event()
        self._stopped = asyncio.Event()

    def __call__(self, event: SeatEvent) -> None:
        # An edit per vote would use up writes that the answer needs.
        news = event.outcome is not None if event.stage == "opinion" else event.stage != self._stage
        if event.stage == "opinion":
            self._seats[event.seat] = SeatLine(event.seat, event.outcome, event.seconds)
        self._stage = event.stage
        if news:
            self._changed.set()

    def text(self, marker: str) -> str:
        """The progress text as of now."""
        return answer_text.progress(list(self._seats.values()), self._clock() - self._began, self._stage, self._earlier, marker)

    @asynccontextmanager
    async def followed(self, gap: float = GAP) -> AsyncIterator[None]:
        """Keep the comment up to date inside the block. Waits for an edit in flight at the end, because it would overwrite the answer."""
        task = asyncio.create_task(self._follow(gap))
        try:
            yield
        finally:
            self._stopped.set()
            self._changed.set()
            await task

    async def _follow(self, gap: float) -> None:
        while True:
            await self._changed.wait()
            if self._stopped.is_set():
                return
            self._changed.clear()
            # Failing to show progress must not stop the consultation.
            with contextlib.suppress(CouncilError):
                await self._comment.show(self.text(self._comment.marker))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(gap):
                    await self._stopped.wait()
