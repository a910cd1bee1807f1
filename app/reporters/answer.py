"""The comment that answers a question: written once, shows who is thinking, and is then edited in place."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

from app.errors import CouncilError, NotFound
from app.github.writes import Remote, Writes
from app.reporters import answer_text
from app.reporters.answer_text import Offered, SeatLine
from app.reporters.reporter import once
from app.store.outbox import JobOutbox
from reviewers.council.rounds import SeatEvent

SURFACE = "answer"
# Seconds between two edits: GitHub takes 80 writes a minute of an installation, and nobody reads faster.
GAP = 3.0


class AnswerComment:
    """One comment of one job, in the conversation or in a thread on the diff; whatever died before, it is there once."""

    def __init__(self, writes: Writes, outbox: JobOutbox, thread_id: int = 0) -> None:
        self._writes = writes
        self._outbox = outbox
        self._thread_id = thread_id
        self._id: int | None = None
        self._looked = False
        self.marker = ""

    async def answered(self) -> bool:
        """Whether the whole answer is there already, by whichever attempt or database; what is there of it is adopted."""
        entry = await self._outbox.intend(SURFACE)
        there = await self._known(entry.remote_id) if entry.remote_id else await self._find(entry.marker)
        if there is not None and not entry.remote_id:
            await self._outbox.created(SURFACE, str(there.id), there.url)
        # A row that was there before may be a write on its way, which is waited for before it is repeated.
        self._looked = math.isinf(entry.age)
        return there is not None and not answer_text.is_progress(there.body or "")

    async def begin(self, body: Callable[[str], str]) -> tuple[int, str]:
        """The comment's id and address, written now unless an earlier attempt wrote it; `body` gets its marker."""
        entry = await self._outbox.intend(SURFACE)
        self.marker = entry.marker
        if entry.remote_id:
            self._id = int(entry.remote_id)
            return self._id, entry.url

        async def write() -> Remote:
            text, thread = body(entry.marker), self._thread_id
            return await (self._writes.reply(thread, text) if thread else self._writes.create_comment(text))

        # What this very attempt has looked for and not found is not there.
        entry = replace(entry, fresh=self._looked)
        remote = await once(entry, lambda: self._find(entry.marker), write)
        await self._outbox.created(SURFACE, str(remote.id), remote.url)
        self._id = remote.id
        return remote.id, remote.url

    async def _known(self, remote_id: str) -> Remote | None:
        """The comment of that id; None where somebody deleted it."""
        with contextlib.suppress(NotFound):
            return await (self._writes.review_comment if self._thread_id else self._writes.comment)(int(remote_id))
        return None

    async def _find(self, marker: str) -> Remote | None:
        there = await (self._writes.own_review_comments() if self._thread_id else self._writes.own_comments())
        return next((own for own in there if marker in (own.body or "")), None)

    async def show(self, body: str) -> None:
        """Edit it; one that somebody deleted is not written again."""
        if self._id is None:
            raise LookupError("the answer was not begun")
        with contextlib.suppress(NotFound):
            await (self._writes.edit_review_comment if self._thread_id else self._writes.edit_comment)(self._id, body)


class Thinking:
    """A progress that people follow in the comment."""

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
        # An edit for each vote would only be in the way of the answer.
        news = event.outcome is not None if event.stage == "opinion" else event.stage != self._stage
        if event.stage == "opinion":
            self._seats[event.seat] = SeatLine(event.seat, event.outcome, event.seconds)
        self._stage = event.stage
        if news:
            self._changed.set()

    def text(self, marker: str) -> str:
        """What is to be seen now."""
        return answer_text.progress(list(self._seats.values()), self._clock() - self._began, self._stage, self._earlier, marker)

    @asynccontextmanager
    async def followed(self, gap: float = GAP) -> AsyncIterator[None]:
        """Keep the comment up to date; an edit that is under way ends before the body's end is told, or it would undo the answer."""
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
            # A progress that cannot be shown is no reason to stop thinking.
            with contextlib.suppress(CouncilError):
                await self._comment.show(self.text(self._comment.marker))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(gap):
                    await self._stopped.wait()
