"""A model's text becomes an answer: strictly, then item by item, so that one bad item costs only itself."""

import json
import re
from typing import NamedTuple, TypeVar

import json_repair
from pydantic import BaseModel, ValidationError

from reviewers.seats.answers import (
    AdviceAnswer,
    ClaimAnswer,
    CounselAnswer,
    CritiqueAnswer,
    OpinionAnswer,
    SameAnswer,
    SolutionAnswer,
    SynthesisAnswer,
    VoteAnswer,
)

_FENCE = re.compile(r"```(?:json)?\s*\n(?P<text>.*?)\n?\s*```", re.DOTALL)
_WORDS = ("severity", "category", "stance", "effort", "risk")
Json = dict[str, object] | list[object]
_Form = TypeVar("_Form", bound=BaseModel)


class Malformed(NamedTuple):
    """An item that is no answer: its title if it had one, and what is wrong."""

    title: str
    path: str
    reason: str


class Unusable(Exception):
    """No answer of the wanted form could be read."""


def opinion(text: str, truncated: bool = False) -> tuple[OpinionAnswer, tuple[Malformed, ...]]:
    """The readable findings, and the others."""
    good, bad = _proposed(_load(text), "findings", ClaimAnswer, truncated)
    return OpinionAnswer(findings=good), bad


def counsel(text: str, truncated: bool = False) -> tuple[CounselAnswer, tuple[Malformed, ...]]:
    """The readable solutions, and the others."""
    loaded = _load(text)
    good, bad = _proposed(loaded, "solutions", SolutionAnswer, truncated)
    view = loaded.get("view", "") if isinstance(loaded, dict) else ""
    return CounselAnswer(view=view if isinstance(view, str) else "", solutions=good), bad


def critique(text: str) -> CritiqueAnswer:
    """The readable votes and pairs."""
    loaded = _load(text)
    votes, bad = _each(_items(loaded, "votes"), VoteAnswer)
    if bad and not votes:
        raise Unusable(f"none of {len(bad)} votes has the wanted form: {bad[0].reason}")
    same = _each(_items(loaded, "same", ()), SameAnswer)[0] if isinstance(loaded, dict) else []
    return CritiqueAnswer(votes=votes, same=same)


def synthesis(text: str) -> SynthesisAnswer:
    """The chair's answer, whole or not at all."""
    return _whole(text, SynthesisAnswer)


def advice(text: str) -> AdviceAnswer:
    """The chair's answer to a question, whole or not at all."""
    return _whole(text, AdviceAnswer)


def _whole(text: str, form: type[_Form]) -> _Form:
    try:
        return form.model_validate(_load(text))
    except ValidationError as error:
        raise Unusable(_first(error)) from error


def _proposed(read: Json, key: str, form: type[_Form], truncated: bool) -> tuple[list[_Form], tuple[Malformed, ...]]:
    items = _items(read, key)
    if truncated:
        # What the repair closed for the model was never finished by it.
        items = items[:-1]
    good, bad = _each(items, form)
    if bad and not good:
        raise Unusable(f"none of {len(bad)} {key} has the wanted form: {bad[0].reason}")
    return good, tuple(bad)


def loaded(text: str) -> Json:
    """The JSON in a model's text, repaired where that is possible; raises Unusable."""
    return _load(text)


def first_problem(error: ValidationError) -> str:
    """The first problem, without the input, which may hold anything."""
    return _first(error)


def _load(text: str) -> Json:
    fenced = _FENCE.search(text)
    bodies = [text, fenced["text"]] if fenced else [text]
    for body in bodies:
        try:
            loaded = json.loads(body)
        except (ValueError, RecursionError):
            continue
        if isinstance(loaded, dict | list):
            return loaded
    start = min((at for at in (bodies[-1].find("{"), bodies[-1].find("[")) if at >= 0), default=-1)
    if start < 0:
        raise Unusable("it holds no JSON")
    try:
        repaired = json_repair.loads(bodies[-1][start:])
    except (ValueError, RecursionError) as error:
        raise Unusable("it holds no JSON") from error
    if not isinstance(repaired, dict | list) or not repaired:
        raise Unusable("it holds no JSON object")
    return repaired


def _items(loaded: Json, key: str, default: object = None) -> list[object]:
    found = loaded if isinstance(loaded, list) else loaded.get(key, default)
    if not isinstance(found, list | tuple):
        raise Unusable(f'it has no list "{key}"')
    return list(found)


def _each(items: list[object], form: type[_Form]) -> tuple[list[_Form], list[Malformed]]:
    good: list[_Form] = []
    bad: list[Malformed] = []
    for item in items:
        fields = _lenient(item, form) if isinstance(item, dict) else {}
        try:
            good.append(form.model_validate(fields))
        except ValidationError as error:
            bad.append(Malformed(str(fields.get("title", "")), str(fields.get("path", "")), _first(error)))
    return good, bad


def _lenient(item: dict[str, object], form: type[BaseModel]) -> dict[str, object]:
    """Unknown keys dropped, words in lower case, what may be empty filled in."""
    fields = {key: value for key, value in item.items() if key in form.model_fields}
    fields |= {key: value.strip().lower() for key in _WORDS if isinstance(value := fields.get(key), str)}
    if form is ClaimAnswer:
        fields["suggestion"] = fields.get("suggestion") or ""
        fields["line"] = fields.get("line") or 0
    if form is VoteAnswer:
        fields["evidence"] = fields.get("evidence") or ""
    if form is SolutionAnswer:
        fields |= {"verify": fields.get("verify") or "", "facets": fields.get("facets") or [], "evidence": fields.get("evidence") or []}
    return fields


def _first(error: ValidationError) -> str:
    """The first problem, without the input, which may hold anything."""
    problem = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"
