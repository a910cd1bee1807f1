"""Asks a model one question, reads the answer, and asks again if it cannot be read."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reviewers.models.model import CallFault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats.parsing import Unusable
from reviewers.values.reading import ReadingNote, ReadingProblem
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Usage

_Answer = TypeVar("_Answer")
# The length of the other routes' errors, in characters: enough for a status and its meaning.
_SHOWN = 160
# The tokens of a prompt in addition to the packed part: system text, task, schema; and how much finer other tokenizers cut.
_FRAME, _FINER, _LEAST = 1_800, 1.3, 500
_REFUSALS = frozenset({"content_filter", "refusal", "safety"})
# With fewer of its longest turns than this left, a seat must answer.
_ENOUGH = 1.5
# The factor for the room of a model that used all of it without an answer.
MORE_ROOM = 2


class LookAllowance(FrozenValue):
    """The looks allowed to a seat in one round: in how many of its answers, and how many.

    The results take at most `tokens` per answer and `look_tokens` per look.
    """

    turns: int = 0
    looks: int = 12
    tokens: int = 5_000
    look_tokens: int = 2_000


class SeatLimits(FrozenValue):
    """The limits of one turn of a seat. A change that does not fit into `context_tokens` is read in up to `parts` calls.

    `seconds` ends slightly before the council stops waiting, so that the seat reports its own outcome.
    """

    seconds: float = 115.0
    context_tokens: int = 24_000
    parts: int = 4
    opinion_tokens: int = 6_000
    critique_tokens: int = 4_000
    looks: LookAllowance = LookAllowance()

    def within(self, window: int | None) -> "SeatLimits":
        """The limits of a model with a context of this many tokens: a quarter for the answer, the rest for the prompt and its frame."""
        if window is None:
            return self
        opinion, critique = min(self.opinion_tokens, window // 4), min(self.critique_tokens, window // 4)
        room = int((window - opinion - _FRAME) / _FINER)
        looks = self.looks
        if looks.turns * looks.tokens > room // 2:
            # Looks must not push out the change.
            looks = looks.model_copy(update={"turns": room // 2 // looks.tokens})
        room -= looks.turns * looks.tokens
        return self.model_copy(
            update={
                "context_tokens": max(_LEAST, min(self.context_tokens, room)),
                "opinion_tokens": opinion,
                "critique_tokens": critique,
                "looks": looks,
            }
        )

    def smaller(self) -> "SeatLimits":
        """Half of it, for a prompt that did not fit."""
        return self.model_copy(
            update={
                "context_tokens": max(_LEAST, self.context_tokens // 2),
                "opinion_tokens": self.opinion_tokens // 2,
                "critique_tokens": self.critique_tokens // 2,
            }
        )


class HostRoom:
    """The room at a model's host: the tokens of its window, None if unknown, and its turns, None if unlimited."""

    def __init__(self, window: Callable[[], Awaitable[int | None]] | None = None, slot: asyncio.Semaphore | None = None) -> None:
        self.slot = slot
        self._window = window

    async def limits(self, limits: SeatLimits) -> SeatLimits:
        """The limits of a turn, as far as the window allows them."""
        return limits.within(await self._window() if self._window else None)


class StructuredQuery:
    """Asks one question and records its usage, even without an answer. Waiting for `slot`, the host's turn, does not count as time."""

    def __init__(self, model: Model, clock: Callable[[], float], seconds: float, slot: asyncio.Semaphore | None = None) -> None:
        self.usage = Usage()
        self.through = ""
        self.reason = ""
        self._model = model
        self._clock = clock
        self._started: float | None = None
        self._asked_at = clock()
        self._longest = 0.0
        self._seconds = seconds
        self._prompt_cut = False
        self._slot = slot

    def seconds(self) -> float:
        """Seconds since the question was asked, without the wait for the host's turn."""
        return self._clock() - (self._asked_at if self._started is None else self._started)

    def is_pressed(self) -> bool:
        """Whether the remaining time is too short for another answer before the last one."""
        return self._longest > 0 and self._seconds - self.seconds() < _ENOUGH * self._longest

    async def ask(self, request: ModelRequest, read: Callable[[ModelResponse], _Answer]) -> _Answer:
        """The answer parsed by `read`; raises ModelError, or Unusable if the second answer cannot be read either."""
        queued_at = self._clock()
        async with self._slot or contextlib.nullcontext():
            begun_at = self._clock()
            self._started = begun_at if self._started is None else self._started + begun_at - queued_at
            try:
                return await self._ask(request, read)
            finally:
                self._longest = max(self._longest, self._clock() - begun_at)

    async def _ask(self, request: ModelRequest, read: Callable[[ModelResponse], _Answer]) -> _Answer:
        try:
            return await self._read(request, read)
        except Unusable as error:
            first = error
        try:
            return await self._read(_again(request, first), read)
        except ModelError as error:
            if first.problem is None or not (error.too_long or error.fault is CallFault.OVER_BUDGET):
                raise
            lacking = "its window" if error.too_long else "the budget"
            raise Unusable(f"{first}, and {lacking} has no room to ask again", first.problem) from error

    async def _read(self, request: ModelRequest, read: Callable[[ModelResponse], _Answer]) -> _Answer:
        """Runs in a thread: repairing a broken answer can take seconds, and the event loop must not block."""
        return await asyncio.to_thread(read, await self._complete(request))

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """The notes on the prompts that were sent."""
        return (ReadingNote(problem=ReadingProblem.PROMPT_CUT),) if self._prompt_cut else ()

    async def _complete(self, request: ModelRequest) -> ModelResponse:
        left = self._seconds - self.seconds()
        if left <= 0:
            raise ModelError(CallFault.TIMEOUT, "there was no time left to ask again")
        try:
            response = await self._model.complete(request.model_copy(update={"seconds": left}))
        except ModelError as error:
            self.usage += error.usage or Usage()
            raise
        self.usage += response.usage
        self.through = response.through or self.through
        self._prompt_cut = self._prompt_cut or response.prompt_cut
        if response.through:
            self.reason = f"through {response.through}, because {_brief(response.instead)}"
        if response.finish in _REFUSALS and not response.text.strip().startswith("{"):
            raise ModelError(CallFault.REFUSED, "the provider's filter stopped the answer")
        return response


def _brief(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"


def _again(request: ModelRequest, error: Unusable) -> ModelRequest:
    """The question with the problem of the answer; with more room if the answer ran out of it."""
    if error.problem is None:
        said = f"Your previous answer could not be read: {error}. Answer again, with the JSON object only."
        return request.model_copy(update={"prompt": f"{request.prompt}\n\n{said}"})
    said = "Your previous answer ended before its end, because it had no room left. Think briefly, and answer with the JSON object only."
    room = request.max_output_tokens * MORE_ROOM
    return request.model_copy(update={"prompt": f"{request.prompt}\n\n{said}", "max_output_tokens": room})
