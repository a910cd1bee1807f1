"""The view of the API page: every operation with its fields and examples."""

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from app.web.api_examples import EXAMPLES, PARAMETERS

_JSON = "application/json"
_LIMITS = (
    ("minimum", "at least {}"),
    ("maximum", "at most {}"),
    ("minLength", "minimum length {}"),
    ("maxLength", "maximum length {}"),
)


@dataclass(frozen=True)
class ApiField:
    """A parameter or a field of a body; `place` is path, query, body, or "" for a response."""

    name: str
    kind: str
    place: str = ""
    required: bool = False
    limits: str = ""


@dataclass(frozen=True)
class ApiType:
    """A named type of a body."""

    name: str
    about: str
    fields: tuple[ApiField, ...]


@dataclass(frozen=True)
class Operation:
    """One operation; `request` is a curl command, `response` JSON of the type `answer`."""

    anchor: str
    method: str
    path: str
    summary: str
    about: str
    fields: tuple[ApiField, ...]
    request: str
    status: str
    answer: str
    response: str


def describe_operations(schema: Mapping[str, Any], origin: str) -> tuple[Operation, ...]:
    """Every operation of an OpenAPI description; `origin` is this server's address."""
    listed = ((path, method, what) for path, methods in schema["paths"].items() for method, what in methods.items())
    return tuple(_operation(schema, origin, path, (method.upper(), what)) for path, method, what in listed)


def describe_types(schema: Mapping[str, Any]) -> tuple[ApiType, ...]:
    """Every type with an example; the framework's types have none."""
    known = schema["components"]["schemas"]
    return tuple(
        ApiType(name, known[name].get("description", ""), tuple(_fields(known[name], ""))) for name in sorted(known) if name in EXAMPLES
    )


def _operation(schema: Mapping[str, Any], origin: str, path: str, how: tuple[str, Mapping[str, Any]]) -> Operation:
    method, what = how
    fields = [
        ApiField(each["name"], _kind(each["schema"]), each["in"], each.get("required", False), _limits(each["schema"]))
        for each in what.get("parameters", ())
    ]
    body = _name_of(what["requestBody"]["content"][_JSON]["schema"]) if "requestBody" in what else ""
    if body:
        fields += _fields(schema["components"]["schemas"][body], "body")
    status = next(code for code in what["responses"] if code.startswith("2"))
    answer = _name_of(what["responses"][status]["content"][_JSON]["schema"])
    return Operation(
        anchor=f"{method.lower()}-{path.strip('/').replace('/', '-').replace('{', '').replace('}', '')}",
        method=method,
        path=path,
        summary=what["summary"],
        about=what.get("description", ""),
        fields=tuple(fields),
        request=_request(origin, method, path, (tuple(fields), body)),
        status=status,
        answer=answer,
        response=json.dumps(EXAMPLES[answer], indent=2),
    )


def _request(origin: str, method: str, path: str, takes: tuple[tuple[ApiField, ...], str]) -> str:
    fields, body = takes
    for field in fields:
        if field.place == "path":
            path = path.replace(f"{{{field.name}}}", PARAMETERS[field.name])
    query = urlencode({each.name: PARAMETERS[each.name] for each in fields if each.place == "query" and each.required})
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{shlex.quote(origin + path + (f'?{query}' if query else ''))}"]
    lines.append('  -H "Authorization: Bearer $COUNCIL_TOKEN"')
    if body:
        lines += [f"  -H 'Content-Type: {_JSON}'", f"  -d {shlex.quote(json.dumps(EXAMPLES[body]))}"]
    return " \\\n".join(lines)


def _fields(schema: Mapping[str, Any], place: str) -> Iterator[ApiField]:
    required = schema.get("required", ())
    for name, about in schema.get("properties", {}).items():
        yield ApiField(name, _kind(about), place, name in required, _limits(about))


def _kind(schema: Mapping[str, Any]) -> str:
    """A type in one or two words."""
    if "$ref" in schema:
        return _name_of(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'])}"
    return str(schema.get("type", "any"))


def _limits(schema: Mapping[str, Any]) -> str:
    return ", ".join(
        words.format(f"{schema[name]:,g}" if schema[name] < 1e6 else f"{schema[name]:,.0f}") for name, words in _LIMITS if name in schema
    )


def _name_of(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rpartition("/")[2]
