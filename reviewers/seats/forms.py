"""Fits a decoded object to a form of an answer: change here which deviations of models are accepted."""

import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from reviewers.context.repository.looks import LookKind
from reviewers.criteria import CriterionStatus
from reviewers.seats.answers import (
    AdviceAnswer,
    CitedLineAnswer,
    ClaimAnswer,
    CriterionAnswer,
    EvidenceAnswer,
    FacetAnswer,
    LookRequestAnswer,
    SameAnswer,
    SolutionAnswer,
    SynthesisAnswer,
    VoteAnswer,
)
from reviewers.seats.json_values import Json
from reviewers.seats.synonyms import category_of, criterion_status_of, effort_of, risk_of, severity_of, stance_of
from reviewers.values.finding import Category, Severity
from reviewers.values.solution import Effort, Risk
from reviewers.values.verdict import Stance

_Form = TypeVar("_Form", bound=BaseModel)
Fields = dict[str, object]
# Alternative field names, used if the right one is missing.
_KEYS: dict[type[BaseModel], dict[str, str]] = {
    ClaimAnswer: {
        **dict.fromkeys(("description", "message", "explanation", "details", "detail", "reason", "comment"), "body"),
        **dict.fromkeys(("summary", "name", "issue", "problem", "headline"), "title"),
        **dict.fromkeys(("file", "filename", "file_name", "file_path", "filepath"), "path"),
        **dict.fromkeys(("code", "snippet", "code_snippet", "quoted_code", "evidence"), "quote"),
        **dict.fromkeys(("lines", "line_number", "line_numbers", "start_line", "linenumber"), "line"),
        **dict.fromkeys(("fix", "replacement", "suggested_fix", "suggested_code"), "suggestion"),
        **dict.fromkeys(("type", "kind"), "category"),
        **dict.fromkeys(("level", "priority"), "severity"),
    },
    VoteAnswer: {
        **dict.fromkeys(("claim", "id", "proposal", "name", "solution"), "label"),
        **dict.fromkeys(("vote", "verdict", "decision", "judgment", "judgement", "position"), "stance"),
        **dict.fromkeys(("reason", "reasoning", "explanation", "rationale", "justification", "comment"), "evidence"),
        **dict.fromkeys(("file", "filename", "file_path", "source", "material"), "path"),
        **dict.fromkeys(("lines", "line_number", "start_line"), "line"),
        **dict.fromkeys(("code", "snippet", "code_snippet", "quoted_line"), "quote"),
    },
    SolutionAnswer: {
        **dict.fromkeys(("name", "summary"), "title"),
        **dict.fromkeys(("description", "why", "body", "explanation", "rationale"), "approach"),
        **dict.fromkeys(("plan", "actions"), "steps"),
        **dict.fromkeys(("verification", "test"), "verify"),
        **dict.fromkeys(("citations", "sources", "quotes"), "evidence"),
    },
    CitedLineAnswer: {
        **dict.fromkeys(("source", "file", "filename", "file_path"), "path"),
        **dict.fromkeys(("lines", "line_number", "start_line"), "line"),
        **dict.fromkeys(("text", "code", "snippet"), "quote"),
    },
    CriterionAnswer: {
        **dict.fromkeys(("number", "id", "index"), "criterion"),
        **dict.fromkeys(("verdict", "state", "result", "answer"), "status"),
        **dict.fromkeys(("file", "filename", "file_path"), "path"),
        **dict.fromkeys(("code", "snippet", "evidence"), "quote"),
    },
    LookRequestAnswer: {
        **dict.fromkeys(("type", "tool", "query", "action", "look"), "kind"),
        **dict.fromkeys(("path", "name", "file", "symbol", "text", "pattern", "folder"), "target"),
        **dict.fromkeys(("start", "start_line", "from"), "first"),
        **dict.fromkeys(("end", "end_line", "to"), "last"),
    },
    EvidenceAnswer: {
        **dict.fromkeys(("path", "file", "name"), "source"),
        **dict.fromkeys(("text", "code"), "quote"),
    },
}
# An object outside of a list is an item only if it has these.
_ESSENTIAL: dict[type[BaseModel], frozenset[str]] = {
    ClaimAnswer: frozenset({"title", "path", "quote"}),
    VoteAnswer: frozenset({"label", "stance"}),
    SolutionAnswer: frozenset({"title", "approach", "steps"}),
    LookRequestAnswer: frozenset({"kind", "target"}),
}
_PLACE = re.compile(r"^(?P<path>.+?):L?(?P<line>\d+)(?:[-–:]\d+)?$")


def fit_to_form(item: Json, form: type[_Form]) -> _Form:
    """The item as that form: hints read in any spelling, unknown keys dropped; raises ValidationError."""
    fields = rename_fields(item, form) if isinstance(item, dict) else {}
    adapt = _ADAPTED.get(form)
    fields = adapt(fields) if adapt else fields
    for name, field in form.model_fields.items():
        read = _READ.get(field.annotation)
        if read is not None and (name in fields or field.annotation in _DEFAULTED):
            fields[name] = read(fields.get(name))
    return form.model_validate({name: value for name, value in fields.items() if name in form.model_fields})


def is_item(value: Json, form: type[BaseModel]) -> bool:
    """Whether an object looks like one of the items of an answer; in a schema, the same names have objects as values."""
    if not isinstance(value, dict):
        return False
    fields = rename_fields(value, form)
    return all(name in fields and not isinstance(fields[name], dict) for name in _ESSENTIAL[form])


def rename_fields(item: Mapping[str, Json], form: type[BaseModel]) -> Fields:
    """The fields under their right names, in any case."""
    fields: Fields = {key.strip().lower(): value for key, value in item.items()}
    for other, name in _KEYS.get(form, {}).items():
        if other in fields and name not in fields:
            fields[name] = fields[other]
    return fields


def names_of(form: type[BaseModel]) -> tuple[str, ...]:
    """All names that models use for the fields of a form."""
    return (*form.model_fields, *_KEYS.get(form, {}))


def first_problem(error: ValidationError) -> str:
    """The first problem, without the input, which may contain anything."""
    problem = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def line_of(said: object) -> int:
    """A line number in any spelling ("L42", "42-45", [42, 45], 42.0); 0 if there is none."""
    if isinstance(said, list):
        return next((line for line in map(line_of, said) if line), 0)
    if isinstance(said, dict):
        return next((line for line in map(line_of, said.values()) if line), 0)
    if isinstance(said, bool) or said is None:
        return 0
    found = re.search(r"\d{1,9}", str(said))
    return 0 if found is None or str(said).lstrip().startswith("-") else int(found[0])


def text_of(said: object) -> str:
    """A text from a string, a list of lines, a number or null."""
    if said is None or isinstance(said, bool):
        return ""
    if isinstance(said, list):
        return "\n".join(text_of(part) for part in said)
    if isinstance(said, dict):
        return "\n".join(text_of(part) for part in said.values())
    return str(said)


def _texts(said: object) -> list[str]:
    """A list of texts; a single text is split at its lines."""
    parts = said if isinstance(said, list) else text_of(said).split("\n")
    return [text for part in parts if (text := text_of(part).strip())]


def _objects(said: object) -> list[Json]:
    return said if isinstance(said, list) else [said] if isinstance(said, dict) else []


def _flag_of(said: object) -> bool:
    return said if isinstance(said, bool) else stance_of(said) is Stance.CONFIRM


def _claim(fields: Fields) -> Fields:
    path, body = text_of(fields.get("path")).strip().strip("`").removeprefix("./"), text_of(fields.get("body")).strip()
    place = _PLACE.match(path)
    made: Fields = {
        "title": text_of(fields.get("title")).strip() or body.split("\n", 1)[0][:100],
        "body": body,
        "line": line_of(fields.get("line")) or (int(place["line"][:9]) if place else 0),
        "suggestion": fields.get("suggestion"),
        "evidence": [line for item in _objects(fields.get("evidence")) if (line := _fitted(item, CitedLineAnswer))],
    }
    if path:
        made["path"] = place["path"] if place else path
    return fields | {name: value for name, value in made.items() if name != "title" or value}


def _vote(fields: Fields) -> Fields:
    evidence = fields.get("evidence")
    # Some models put the place and the quote into an object or a list of them.
    first = evidence[0] if isinstance(evidence, list) and evidence else evidence
    told = rename_fields(first, EvidenceAnswer) if isinstance(first, dict) else {}
    return fields | {
        "evidence": evidence,
        "path": fields.get("path") or told.get("source"),
        "line": fields.get("line") or told.get("line"),
        "quote": fields.get("quote") or told.get("quote"),
    }


def _solution(fields: Fields) -> Fields:
    facets = fields.get("facets")
    if isinstance(facets, dict):
        facets = [{"name": name, "text": text} for name, text in facets.items()]
    return fields | {
        "approach": fields.get("approach"),
        "steps": _texts(fields.get("steps")),
        "verify": fields.get("verify"),
        "facets": [facet for item in _objects(facets) if (facet := _fitted(item, FacetAnswer))],
        "evidence": [evidence for item in _objects(fields.get("evidence")) if (evidence := _fitted(item, EvidenceAnswer))],
    }


def _look(fields: Fields) -> Fields:
    target = text_of(fields.get("target")).strip().strip("`")
    place = _PLACE.match(target)
    read = text_of(fields.get("kind")).strip().lower() == LookKind.READ
    first = line_of(fields.get("first")) or (int(place["line"][:9]) if place and read else 0)
    return fields | {
        "kind": text_of(fields.get("kind")).strip().lower(),
        "target": place["path"] if place and read else target,
        "first": first,
        "last": line_of(fields.get("last")),
        "glob": fields.get("glob"),
    }


def _evidence(fields: Fields) -> Fields:
    return fields | {"line": fields.get("line")}


def _synthesis(fields: Fields) -> Fields:
    return fields | {"order": [text_of(part) for part in _parts(fields.get("order"))], "plan": _texts(fields.get("plan"))}


def _advice(fields: Fields) -> Fields:
    order = [line_of(part) for part in _parts(fields.get("order"))]
    return fields | {"order": order, "plan": _texts(fields.get("plan")), "verify": fields.get("verify"), "settle": fields.get("settle")}


def _parts(said: object) -> list[object]:
    return list(said) if isinstance(said, list) else [part for part in re.split(r"[\s,]+", text_of(said)) if part]


def _fitted(item: Json, form: type[_Form]) -> _Form | None:
    try:
        return fit_to_form(item, form)
    except ValidationError:
        return None


_READ: dict[object, Callable[[object], object]] = {
    Severity: severity_of,
    Category: category_of,
    Stance: stance_of,
    CriterionStatus: criterion_status_of,
    Effort: effort_of,
    Risk: risk_of,
    int: line_of,
    str: text_of,
    bool: _flag_of,
}
# A missing hint gets a default.
_DEFAULTED = frozenset({Severity, Category, Effort, Risk})
_ADAPTED: dict[type[BaseModel], Callable[[Fields], Fields]] = {
    ClaimAnswer: _claim,
    VoteAnswer: _vote,
    SolutionAnswer: _solution,
    EvidenceAnswer: _evidence,
    CitedLineAnswer: _evidence,
    LookRequestAnswer: _look,
    SynthesisAnswer: _synthesis,
    AdviceAnswer: _advice,
}


def pair_of(item: Json) -> SameAnswer | None:
    """Two labels that mean the same, as an object or as a list."""
    if isinstance(item, list) and len(item) == 2:
        item = {"first": text_of(item[0]), "second": text_of(item[1])}
    return _fitted(item, SameAnswer)
