"""Questions to single models after a review: an answer in a finding's thread, and a fix with the votes of other seats."""

import json
from collections.abc import Callable, Sequence
from typing import Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from reviewers import prompts
from reviewers.anchoring.suggestion import apply_suggestion
from reviewers.context.redaction import mask
from reviewers.context.snapshot import Snapshot
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import LookRequestAnswer
from reviewers.seats.repository_looks import LookDesk, ask_looking
from reviewers.seats.structured_query import StructuredQuery
from reviewers.values.finding import Finding, Location
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Stance

_AROUND, _LONGEST_FILE, _LONGEST_SAID = 40, 400, 4_000


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ThreadAnswer(_Form):
    """A seat's answer to an objection."""

    answer: str = Field(description="At most 80 words.")
    withdraw: bool = Field(description="Whether the objection is right, so that the finding falls.")


class FixAnswer(_Form):
    """The lines `first_line` to `last_line` of the file, replaced."""

    first_line: int
    last_line: int
    replacement: str
    note: str


class FixVote(_Form):
    """Another seat's vote on a fix."""

    stance: Stance
    evidence: str


class LookingThreadAnswer(ThreadAnswer):
    """An answer to an objection by a seat that may look first."""

    looks: list[LookRequestAnswer]


class LookingFixAnswer(FixAnswer):
    """A fix by a model that may look first."""

    looks: list[LookRequestAnswer]


class LookingFixVote(FixVote):
    """A vote on a fix by a seat that may look first."""

    looks: list[LookRequestAnswer]


_LOOKING: dict[type[_Form], type[_Form]] = {ThreadAnswer: LookingThreadAnswer, FixAnswer: LookingFixAnswer, FixVote: LookingFixVote}
_Answer = TypeVar("_Answer", bound=_Form)


class FollowUp(FrozenValue):
    """A question to one model about a finding."""

    purpose: Literal["thread", "fix", "fix_critique"]
    prompt: str


class Message(FrozenValue):
    """One comment of a thread."""

    login: str
    text: str


class QueryLimits(FrozenValue):
    """The limits of a question: its seconds, and its maximum tokens."""

    seconds: float = 90.0
    tokens: int = 1_500


async def ask_model(
    model: Model,
    question: FollowUp,
    form: type[_Answer],
    clock: Callable[[], float],
    desk: LookDesk,
    asked: QueryLimits = QueryLimits(),  # noqa: B008 - frozen
) -> _Answer:
    """The model's answer, after as many looks as the desk allows; raises ModelError, or Unusable if it cannot be read twice."""
    may_look = desk.is_open
    request = ModelRequest(
        purpose=question.purpose,
        system=prompts.text("system"),
        prefix="",
        prompt=f"{question.prompt}\n\n{desk.instructions(question.purpose)}" if may_look else question.prompt,
        answer=_LOOKING[form] if may_look else form,
        max_output_tokens=asked.tokens,
        seconds=asked.seconds,
    )

    def read(response: ModelResponse) -> _Answer:
        return parsing.whole_value(response.text, form, response.truncated)

    return await ask_looking(StructuredQuery(model, clock, asked.seconds), request, read, desk)


FAILURES = (ModelError, parsing.Unusable)


def thread_question(finding: Finding, snapshot: Snapshot, said: Sequence[Message], raised: bool) -> FollowUp:
    """The question about an objection, for a seat that raised or rejected the finding."""
    talk = "\n".join(
        json.dumps({"by": message.login, "said": mask(message.text)[:_LONGEST_SAID]}, ensure_ascii=False) for message in said[-20:]
    )
    role = "raised it, or would have to defend it" if raised else "rejected it when you were asked"
    prompt = prompts.render("thread", role=role, finding=_shown(finding), code=_code(finding, snapshot, _AROUND), conversation=talk)
    return FollowUp(purpose="thread", prompt=prompt)


def fix_question(finding: Finding, snapshot: Snapshot) -> FollowUp:
    """The question for a fix, for the chair if no seat proposed one that applies."""
    prompt = prompts.render("fix", finding=_shown(finding), code=_code(finding, snapshot, _LONGEST_FILE))
    return FollowUp(purpose="fix", prompt=prompt)


def fix_critique(finding: Finding, snapshot: Snapshot, patch: str) -> FollowUp:
    """The question about a new fix, for another seat."""
    code = _code(finding, snapshot, _LONGEST_FILE)
    prompt = prompts.render("fix_critique", finding=_shown(finding), code=code, patch=mask(patch))
    return FollowUp(purpose="fix_critique", prompt=prompt)


def apply_fix(answer: FixAnswer, finding: Finding, snapshot: Snapshot) -> tuple[str, str] | None:
    """The file before and after the fix; None if the fix does not apply or changes nothing."""
    file = snapshot.file(finding.location.path or "")
    if file is None or file.head is None or not answer.replacement.strip():
        return None
    place = Location(path=file.path, line=answer.last_line, start_line=answer.first_line)
    if not 1 <= answer.first_line <= answer.last_line:
        return None
    changed = apply_suggestion(file.head, place, answer.replacement.rstrip("\n"))
    return None if changed is None or changed == file.head else (file.head, changed)


def _shown(finding: Finding) -> str:
    said = {
        "title": finding.title,
        "body": finding.body,
        "path": finding.location.path,
        "line": finding.location.line,
        "severity": str(finding.severity),
        "quote": finding.quote,
    }
    return mask(json.dumps(said, ensure_ascii=False))


def _code(finding: Finding, snapshot: Snapshot, around: int) -> str:
    """The lines around a finding with their numbers, secrets masked."""
    file = snapshot.file(finding.location.path or "")
    if file is None or file.head is None:
        return mask(file.patch or "") if file is not None else "(not at hand)"
    lines = mask(file.head).split("\n")
    at = finding.location.line or 1
    first = max(0, at - around - 1)
    return "\n".join(f"{number:>5} {text}" for number, text in enumerate(lines[first : at + around], first + 1))
