"""Parses a model's text into an answer: every value in it that fits, item by item, so that a bad item costs only itself."""

import contextlib
from dataclasses import dataclass, field, replace
from typing import Generic, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError

from reviewers.seats.answers import (
    AdviceAnswer,
    ClaimAnswer,
    CriterionAnswer,
    GroupLineAnswer,
    LookRequestAnswer,
    SameAnswer,
    SolutionAnswer,
    SynthesisAnswerWithCriteria,
    VoteAnswer,
)
from reviewers.seats.forms import first_problem, fit_to_form, is_item, pair_of, text_of
from reviewers.seats.json_values import Json, JsonValues, find_values
from reviewers.seats.salvage import Salvaged, SalvagedAnswer, repair, salvage
from reviewers.values.reading import ReadingProblem

# The maximum depth of lists and objects around an answer.
_WRAPPED = 2
# Findings or solutions per answer. Each is compared with every other one: 20,000 took 16 GB, and no reader wants 100.
_MOST_ITEMS = 100
# A vote per proposal of a large council.
_MOST_VOTES = 5_000
Form = TypeVar("Form", bound=BaseModel)


class Malformed(NamedTuple):
    """An item that is no answer: its title if it had one, and the problem."""

    title: str
    path: str
    reason: str


class Unusable(Exception):
    """No answer of the requested form could be read; `problem` says why, if the model ran out of room."""

    def __init__(self, message: str, problem: ReadingProblem | None = None) -> None:
        super().__init__(message)
        self.problem = problem


@dataclass(frozen=True)
class ParsedItems(Generic[Form]):
    """The items of an answer without duplicates, and those that could not be read.

    `cut` if the text ended before the answer did, `repaired` if invalid JSON was repaired. `view` and `same` belong to some forms.
    `beyond` counts the items after the limit.
    """

    good: tuple[Form, ...]
    malformed: tuple[Malformed, ...] = ()
    cut: bool = False
    repaired: bool = False
    view: str = ""
    same: tuple[SameAnswer, ...] = ()
    changes: tuple[GroupLineAnswer, ...] = ()
    beyond: int = 0
    criteria: tuple[CriterionAnswer, ...] = ()


def opinion(text: str, truncated: bool = False) -> ParsedItems[ClaimAnswer]:
    """The findings, with the other requested parts; `truncated` if the model ran out of room. Raises Unusable."""
    found = _read(text, "findings", ClaimAnswer, truncated)
    return replace(found, changes=_listed(text, "changes", GroupLineAnswer), criteria=_listed(text, "criteria", CriterionAnswer))


def counsel(text: str, truncated: bool = False) -> ParsedItems[SolutionAnswer]:
    """The solutions, with the expert's view of the question."""
    return _read(text, "solutions", SolutionAnswer, truncated)


def critique(text: str, truncated: bool = False) -> ParsedItems[VoteAnswer]:
    """The votes, with the pairs of labels that mean the same."""
    return _read(text, "votes", VoteAnswer, truncated)


def looks(text: str) -> tuple[LookRequestAnswer, ...]:
    """The looks that a model requests before it answers, without duplicates; empty if it answers."""
    return _listed(text, "looks", LookRequestAnswer)


def _listed(text: str, key: str, form: type[Form]) -> tuple[Form, ...]:
    """The items under that key that fit, without duplicates; an item that does not fit costs only itself."""
    items: dict[str, Form] = {}
    for found in find_values(text).whole:
        for root in _objects(found.value, _WRAPPED):
            listed = next((value for name, value in root.items() if name.strip().lower() == key), None)
            for item in listed if isinstance(listed, list) else ():
                with contextlib.suppress(ValidationError):
                    fitted = fit_to_form(item, form)
                    items.setdefault(fitted.model_dump_json(), fitted)
    return tuple(items.values())


def synthesis(text: str, truncated: bool = False) -> SynthesisAnswerWithCriteria:
    """The chair's answer, whole or not at all; extra fields are allowed."""
    return whole_value(text, SynthesisAnswerWithCriteria, truncated)


def advice(text: str, truncated: bool = False) -> AdviceAnswer:
    """The chair's answer to a question, whole or not at all."""
    return whole_value(text, AdviceAnswer, truncated)


def whole_value(text: str, form: type[Form], truncated: bool = False) -> Form:
    """The last value of that form in the text, repaired if there is no other; raises Unusable."""
    values = find_values(text)
    problem: ValidationError | None = None
    for found in reversed(values.whole):
        for value in _objects(found.value, _WRAPPED):
            try:
                return fit_to_form(value, form)
            except ValidationError as error:
                problem = problem or error
    if not truncated and values.broken:
        for value in _objects(repair(text[values.broken[0].start :]), _WRAPPED):
            try:
                return fit_to_form(value, form)
            except ValidationError as error:
                problem = problem or error
    if problem is not None and not truncated:
        raise Unusable(first_problem(problem))
    raise _unusable(text, values, truncated)


def _objects(value: Json, depth: int) -> list[dict[str, Json]]:
    """The objects of a value: itself, and those in lists and objects around them."""
    inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    own = [value] if isinstance(value, dict) else []
    return own + [each for part in inside if depth and isinstance(part, dict | list) for each in _objects(part, depth - 1)]


def _read(text: str, key: str, form: type[Form], truncated: bool) -> ParsedItems[Form]:
    values = find_values(text)
    pieces = [(found, _Collected(key, form).take(found.value)) for found in values.whole]
    taken = [(found, collected) for found, collected in pieces if collected.fits]
    places = [(found.start, found.end) for found, _ in taken]
    saved = salvage(SalvagedAnswer(text, key, form, places, values.broken), truncated)
    ordered = [(found.start, collected) for found, collected in taken]
    ordered += [(start, _Collected(key, form).take(value)) for start, value in saved.pieces]
    answer = _Collected(key, form)
    for _, collected in sorted(ordered, key=lambda piece: piece[0]):
        answer.join(collected)
    if not answer.fits and not truncated and not saved.cut:
        saved = _guess(text, values, answer, saved)
    if not answer.fits:
        raise _unusable(text, values, truncated or saved.cut, key)
    return _fitted(answer, form, saved, truncated, values.mended)


def _guess(text: str, values: JsonValues, answer: "_Collected", saved: Salvaged) -> Salvaged:
    """The last resort: the whole text repaired from the first break, or an empty list that is the entire answer."""
    if [found.value for found in values.whole] == [[]]:
        answer.listed = True
        return saved
    for broken in values.broken[:1]:
        answer.take(repair(text[broken.start :]))
    return saved._replace(repaired=True)


def _fitted(answer: "_Collected", form: type[Form], saved: Salvaged, truncated: bool, mended: bool) -> ParsedItems[Form]:
    good: dict[str, Form] = {}
    bad: list[Malformed] = [Malformed("", "", "it is no JSON")] * min(saved.lost, _MOST_ITEMS)
    most, beyond = _MOST_VOTES if form is VoteAnswer else _MOST_ITEMS, 0
    for item in answer.items:
        if len(good) >= most or len(bad) >= _MOST_ITEMS:
            beyond += 1
            continue
        try:
            fitted = fit_to_form(item, form)
        except ValidationError as error:
            told = item if isinstance(item, dict) else {}
            bad.append(Malformed(text_of(told.get("title"))[:200], text_of(told.get("path"))[:200], first_problem(error)))
        else:
            good.setdefault(fitted.model_dump_json(), fitted)
    cut = saved.cut or (truncated and not answer.roots)
    if bad and not good:
        raise Unusable(f"none of {len(bad)} {answer.key} has the wanted form: {bad[0].reason}")
    if cut and not good:
        raise Unusable(f"it was cut off before one of its {answer.key} was whole", ReadingProblem.CUT_OFF)
    view = next((text_of(root["view"]) for root in answer.roots if root.get("view")), "")
    same = [pair for root in answer.roots if isinstance(pairs := root.get("same"), list) for each in pairs if (pair := pair_of(each))]
    return ParsedItems(tuple(good.values()), tuple(bad), cut, saved.repaired or mended, view, tuple(same[:_MOST_VOTES]), beyond=beyond)


def _unusable(text: str, values: JsonValues, truncated: bool, key: str = "") -> Unusable:
    if values.thinking or (truncated and not text.strip()):
        return Unusable("its thinking used the whole answer", ReadingProblem.THINKING)
    if truncated:
        return Unusable(f"it was cut off before {f'one of its {key}' if key else 'it'} was whole", ReadingProblem.CUT_OFF)
    if values.whole and key:
        return Unusable(f'it has no list "{key}"')
    return Unusable("it holds no JSON object")


@dataclass
class _Collected:
    """The items of one or more values, and the objects that contained a list of them."""

    key: str
    form: type[BaseModel]
    items: list[Json] = field(default_factory=list)
    roots: list[dict[str, Json]] = field(default_factory=list)
    listed: bool = False

    @property
    def fits(self) -> bool:
        return self.listed or bool(self.items)

    def join(self, other: "_Collected") -> None:
        self.items += other.items
        self.roots += other.roots
        self.listed = self.listed or other.listed

    def take(self, value: Json, depth: int = _WRAPPED) -> "_Collected":
        """Collect the items of a value: an answer, an item, or a list or object around some."""
        if isinstance(value, dict):
            fields = {name.strip().lower(): each for name, each in value.items()}
            if self.key in fields and self._take_listed(fields[self.key]):
                self.roots.append(fields)
                return self
            if is_item(value, self.form):
                self.items.append(value)
                return self
        if isinstance(value, list) and any(is_item(part, self.form) for part in value):
            self.items += value
            return self
        inside = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
        for part in inside if depth else ():
            if isinstance(part, dict | list):
                self.take(part, depth - 1)
        return self

    def _take_listed(self, listed: Json) -> bool:
        """Collect the value under the key: a list, nothing, one item, or (for votes) an object with a label for each."""
        if listed is None or isinstance(listed, list):
            self.items += listed or []
        elif isinstance(listed, dict) and is_item(listed, self.form):
            self.items.append(listed)
        elif isinstance(listed, dict) and self.form is VoteAnswer and "type" not in listed:
            self.items += [_labelled(label, vote) for label, vote in listed.items()]
        else:
            return False
        self.listed = True
        return True


def _labelled(label: str, vote: Json) -> Json:
    return {"label": label, **vote} if isinstance(vote, dict) else {"label": label, "stance": vote}
