"""One question to a model: asked, read, and asked once more when the answer cannot be read."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import TypeVar

from reviewers.models.model import Fault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.reading import ReadingNote, ReadingProblem
from reviewers.seats.parsing import Unusable
from reviewers.value import Value
from reviewers.verdict import Usage

_Answer = TypeVar("_Answer")
# Of what the other ways said, in characters: enough for a status and its meaning.
_SHOWN = 160
# What a prompt holds in addition to the packed part: system text, task, schema; and how much finer other tokenizers cut.
_FRAME, _FINER, _LEAST = 1_800, 1.3, 500
_REFUSALS = frozenset({"content_filter", "refusal", "safety"})
# A seat that has less than so many of its longest turns left must answer.
_ENOUGH = 1.5
# How many times the room a model gets that used all of it without an answer.
MORE_ROOM = 2


class LookAllowance(Value):
    """How a seat may look around in one round: in so many of its answers, at so many things.

    What it is shown takes at most `tokens` for each answer and `look_tokens` for each look.
    """

    turns: int = 0
    looks: int = 12
    tokens: int = 5_000
    look_tokens: int = 2_000


class Limits(Value):
    """What one turn of a seat may take. A change that does not fit into `context_tokens` is read in up to `parts` calls.

    `seconds` ends a little before the council stops waiting, so that the outcome is the seat's own.
    """

    seconds: float = 115.0
    context_tokens: int = 24_000
    parts: int = 4
    opinion_tokens: int = 6_000
    critique_tokens: int = 4_000
    looks: LookAllowance = LookAllowance()

    def within(self, window: int | None) -> "Limits":
        """The limits of a model whose context is so many tokens: a quarter for the answer, the rest for the prompt and its frame."""
        if window is None:
            return self
        opinion, critique = min(self.opinion_tokens, window // 4), min(self.critique_tokens, window // 4)
        room = int((window - opinion - _FRAME) / _FINER)
        looks = self.looks
        if looks.turns * looks.tokens > room // 2:
            # What is shown of the repository is not to push out the change.
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

    def smaller(self) -> "Limits":
        """Half of it, for a prompt that did not fit."""
        return self.model_copy(
            update={
                "context_tokens": max(_LEAST, self.context_tokens // 2),
                "opinion_tokens": self.opinion_tokens // 2,
                "critique_tokens": self.critique_tokens // 2,
            }
        )


class HostRoom:
    """What a model's host leaves to a seat: the tokens of its window, None where unknown, and its turns, None where there are enough."""

    def __init__(self, window: Callable[[], Awaitable[int | None]] | None = None, slot: asyncio.Semaphore | None = None) -> None:
        self.slot = slot
        self._window = window

    async def limits(self, limits: Limits) -> Limits:
        """The limits of a turn, as far as the window allows them."""
        return limits.within(await self._window() if self._window else None)


class Questioning:
    """Keeps what a question took, also when it brought nothing. Waiting for `slot`, the host's turn, takes none of its seconds."""

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
        """Seconds since the question was put, without those it waited for its host's turn."""
        return self._clock() - (self._asked_at if self._started is None else self._started)

    def is_pressed(self) -> bool:
        """Whether the time that is left is too short for one more answer that is not the last."""
        return self._longest > 0 and self._seconds - self.seconds() < _ENOUGH * self._longest

    async def ask(self, request: ModelRequest, read: Callable[[ModelResponse], _Answer]) -> _Answer:
        """The answer as `read` makes it; raises ModelError or, when also the second answer cannot be read, Unusable."""
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
            if first.problem is None or not (error.too_long or error.fault is Fault.OVER_BUDGET):
                raise
            lacking = "its window" if error.too_long else "the budget"
            raise Unusable(f"{first}, and {lacking} has no room to ask again", first.problem) from error

    async def _read(self, request: ModelRequest, read: Callable[[ModelResponse], _Answer]) -> _Answer:
        """In a thread: to repair a broken answer can take seconds, in which the event loop must answer others."""
        return await asyncio.to_thread(read, await self._complete(request))

    @property
    def notes(self) -> tuple[ReadingNote, ...]:
        """What is to be said of the prompts that were sent."""
        return (ReadingNote(problem=ReadingProblem.PROMPT_CUT),) if self._prompt_cut else ()

    async def _complete(self, request: ModelRequest) -> ModelResponse:
        left = self._seconds - self.seconds()
        if left <= 0:
            raise ModelError(Fault.TIMEOUT, "there was no time left to ask again")
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
            raise ModelError(Fault.REFUSED, "the provider's filter stopped the answer")
        return response


def _brief(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1].rstrip()}…"


def _again(request: ModelRequest, error: Unusable) -> ModelRequest:
    """The question with what was wrong with the answer; with more room where that was what lacked."""
    if error.problem is None:
        said = f"Your previous answer could not be read: {error}. Answer again, with the JSON object only."
        return request.model_copy(update={"prompt": f"{request.prompt}\n\n{said}"})
    said = "Your previous answer ended before its end, because it had no room left. Think briefly, and answer with the JSON object only."
    room = request.max_output_tokens * MORE_ROOM
    return request.model_copy(update={"prompt": f"{request.prompt}\n\n{said}", "max_output_tokens": room})
