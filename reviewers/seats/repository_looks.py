"""Lets a seat look at the repository before it answers: change here how often it may, and what it is shown."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeVar

from reviewers import prompts
from reviewers.anchoring.path_matching import unescape
from reviewers.context.hidden_characters import strip_hidden
from reviewers.context.prompt_blocks import FenceTags
from reviewers.context.redaction import mask
from reviewers.context.repository.looks import Look, LookAnswer, LookKind, RepositoryView, SourceLine
from reviewers.models.model import ModelRequest, ModelResponse, PastTurn
from reviewers.seats import parsing
from reviewers.seats.answers import LookRequestAnswer
from reviewers.seats.structured_query import LookAllowance, StructuredQuery
from reviewers.values.look_record import LookRecord

_Answer = TypeVar("_Answer")
LookTask = Literal["opinion", "critique", "question", "thread", "fix", "fix_critique"]
# How models fill the other fields of an answer that requests looks.
_EMPTY: dict[LookTask, str] = {
    "opinion": '"findings": []',
    "critique": '"votes": [], "same": []',
    "question": '"view": "", "solutions": []',
    "thread": '"answer": "", "withdraw": false',
    "fix": '"first_line": 0, "last_line": 0, "replacement": "", "note": ""',
    "fix_critique": '"stance": "unsure", "evidence": ""',
}
_LONGEST_TARGET = 300
_MOST_SHOWN = 40
_LAST = "You cannot look again. Answer now, with `looks` empty."


@dataclass(frozen=True)
class LooksAsked:
    """An answer that requests looks instead of answering, and its text."""

    text: str
    looks: tuple[LookRequestAnswer, ...]


class LookDesk:
    """Answers the looks of one seat in one round, within its allowance; without a `view` there are none."""

    def __init__(self, view: RepositoryView | None, allowance: LookAllowance, stage: Literal["opinion", "critique"]) -> None:
        self.records: list[LookRecord] = []
        self._view = view
        self._allowance = allowance
        self._stage = stage
        self._turns = allowance.turns if view is not None else 0
        self._looks = allowance.looks
        self._asked: set[Look] = set()
        self._seen: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the seat may look now."""
        return self._turns > 0 and self._looks > 0

    def instructions(self, task: LookTask) -> str:
        """The prompt's instructions for looks."""
        turns = "one answer" if self._turns == 1 else f"{self._turns} answers"
        how = prompts.render("looks", looks=str(self._looks), turns=turns, empty=_EMPTY[task])
        return f"{prompts.text(f'looks_{task}')}\n\n{how}"

    async def reply(self, looks: Sequence[LookRequestAnswer]) -> str:
        """The results of the looks, each between tags that it cannot close, and whether the seat may look again."""
        self._turns -= 1
        parts = []
        budget = self._allowance.tokens // max(1, min(len(looks), self._looks))
        for look_request_answer in looks:
            look = _look(look_request_answer)
            shown = await self._show(look, min(budget, self._allowance.look_tokens))
            tags = FenceTags(hashlib.sha256(f"{look} {shown}".encode(errors="replace")).hexdigest()[:8])
            parts.append(tags.block("look", shown, kind=look.kind.value, target=look.target))
        more = f"You may look at {self._looks} more, or answer now." if self.is_open else _LAST
        return "\n\n".join([*parts, more])

    async def texts(self, paths: Sequence[str]) -> Mapping[str, str]:
        """The texts of cited files of the commit, masked like everything that a seat sees."""
        wanted = tuple(dict.fromkeys(path for path in map(_clean, paths) if path))
        if self._view is None or not wanted:
            return {}
        texts = await self._view.texts(wanted)
        return await asyncio.to_thread(lambda: {path: mask(text) for path, text in texts.items()})

    async def _show(self, look: Look, tokens: int) -> str:
        refused = ""
        if look in self._asked:
            refused = "You looked at this before: see above."
        elif self._looks <= 0:
            refused = "This was one look too many."
        if refused or self._view is None:
            self._note(look, refused=refused)
            return refused
        self._asked.add(look)
        self._looks -= 1
        # Turns stay in the prompt, so no line is paid for twice.
        asked = look.model_copy(update={"seen": self._seen}) if look.kind is LookKind.USES else look
        answer = await self._view.look(asked, tokens)
        self._seen += line_ranges(answer.lines)
        self._note(look, answer)
        left = f"\n[left out: {answer.left_out}]" if answer.left_out else ""
        return await asyncio.to_thread(lambda: mask(strip_hidden(answer.text))) + left

    def _note(self, look: Look, answer: LookAnswer | None = None, refused: str = "") -> None:
        shown = line_ranges(answer.lines)[:_MOST_SHOWN] if answer else ()
        record = LookRecord(stage=self._stage, kind=look.kind.value, target=mask(look.target), shown=shown, refused=refused)
        self.records.append(record.model_copy(update={"left_out": answer.left_out if answer else ""}))


async def ask_looking(
    questioning: StructuredQuery, request: ModelRequest, read: Callable[[ModelResponse], _Answer], desk: LookDesk
) -> _Answer:
    """The answer, after as many looks as the desk allows; raises like `StructuredQuery.ask`.

    A seat that runs out of time must answer.
    """
    while desk.is_open and not questioning.is_pressed():
        turn = await questioning.ask(request, partial(_read_turn, read))
        if not isinstance(turn, LooksAsked):
            return turn
        reply = await desk.reply(turn.looks)
        if desk.is_open and questioning.is_pressed():
            reply = f"{reply}\n\n{_LAST}"
        request = request.model_copy(update={"turns": (*request.turns, PastTurn(answer=turn.text, reply=reply))})
    return await questioning.ask(request, read)


def line_ranges(lines: Sequence[SourceLine]) -> tuple[str, ...]:
    """The lines as "path:first-last", adjacent ones joined."""
    spans: list[tuple[str, int, int]] = []
    for line in lines:
        if spans and spans[-1][0] == line.path and spans[-1][2] + 1 == line.number:
            spans[-1] = (line.path, spans[-1][1], line.number)
        else:
            spans.append((line.path, line.number, line.number))
    return tuple(f"{path}:{first}" if first == last else f"{path}:{first}-{last}" for path, first, last in spans)


def _read_turn(read: Callable[[ModelResponse], _Answer], response: ModelResponse) -> _Answer | LooksAsked:
    looks = parsing.looks(response.text)
    return LooksAsked(response.text, looks) if looks else read(response)


def _look(asked: LookRequestAnswer) -> Look:
    target = asked.target.strip()[:_LONGEST_TARGET]
    is_path = asked.kind in (LookKind.READ, LookKind.OUTLINE)
    return Look(
        kind=asked.kind,
        target=_clean(target) if is_path else target,
        first=max(0, asked.first),
        last=max(0, asked.last),
        glob=asked.glob.strip()[:_LONGEST_TARGET],
    )


def _clean(path: str) -> str:
    return unescape(path.strip().strip("`")).removeprefix("./")
