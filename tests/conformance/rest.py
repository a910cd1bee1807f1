"""An exchange with the REST API, held against GitHub's OpenAPI description."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from jsonschema import ValidationError
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

from tests.conformance.fetch import description

ROOT = "urn:github"
GREEDY = {"path", "basehead"}
METHODS = ("get", "post", "put", "patch", "delete")
# Answers that any operation may give, though GitHub describes them for few.
EVERYWHERE = {400, 401, 403, 404, 410, 422, 429, 500, 502, 503}


@dataclass(frozen=True)
class Operation:
    """One operation of the description."""

    name: str
    pattern: re.Pattern[str]
    literals: int
    facts: dict[str, Any]


@cache
def operations() -> dict[str, list[Operation]]:
    """Operations by method, the most literal paths first."""
    found: dict[str, list[Operation]] = {method: [] for method in METHODS}
    for path, methods in description()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{(\w+)\\\}", _hole, re.escape(path)))
        for method in METHODS:
            if method in methods:
                literals = len(re.sub(r"\{\w+\}", "", path))
                found[method].append(Operation(methods[method]["operationId"], pattern, literals, methods[method]))
    return {method: sorted(each, key=lambda one: -one.literals) for method, each in found.items()}


def _hole(found: re.Match[str]) -> str:
    return f"(?P<{found[1]}>{'.+' if found[1] in GREEDY else '[^/]+'})"


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource(ROOT, Resource(contents=description(), specification=DRAFT4))


def problems_with(value: object, schema: Mapping[str, Any]) -> list[str]:
    """What is wrong with a value; references in the schema point into the description."""
    validator = OAS30Validator(_absolute(schema), registry=_registry())
    return [_told(error) for error in validator.iter_errors(value)]


def _absolute(schema: Any) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(schema, dict):
        return {key: f"{ROOT}{each}" if key == "$ref" and str(each).startswith("#") else _absolute(each) for key, each in schema.items()}
    return [_absolute(each) for each in schema] if isinstance(schema, list) else schema


def _told(error: ValidationError) -> str:
    inner = min(error.context, key=lambda each: len(each.context or []), default=None) if error.context else None
    where = "/".join(str(part) for part in error.absolute_path) or "the whole"
    more = f" ({inner.message[:160]})" if inner is not None else ""
    return f"{where}: {error.message[:200]}{more}"


def resolve(thing: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference."""
    while "$ref" in thing:
        found: Any = description()
        for part in thing["$ref"].removeprefix("#/").split("/"):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        thing = found
    return thing


def find(method: str, path: str) -> tuple[Operation, dict[str, str]] | None:
    """The operation a request means."""
    for operation in operations().get(method.lower(), []):
        match = operation.pattern.fullmatch(path)
        if match:
            return operation, match.groupdict()
    return None


def check_exchange(
    method: str,
    path: str,
    request_json: object,
    status: int,
    response_json: object,
    headers: Mapping[str, str] | None = None,
) -> list[str]:
    """Problems of one exchange; none means that GitHub's description allows both sides of it.

    `path` is below the API root and may carry a query; `headers` are the answer's, of which the content type is read.
    A body that is no JSON is given as None or text.
    """
    bare, _, query = path.partition("?")
    bare = "/" + bare.removeprefix("/api/v3").lstrip("/")
    found = find(method, bare)
    if found is None:
        return [f"{method} {bare}: GitHub has no such operation"]
    operation, holes = found
    problems = [
        *_request(operation, holes, dict(parse_qsl(query)), request_json, status),
        *_answer(operation, status, response_json, headers),
    ]
    return [f"{operation.name} {status}: {each}" for each in problems]


def _request(operation: Operation, holes: Mapping[str, str], query: Mapping[str, str], body: object, status: int) -> list[str]:
    if status >= 400:
        # What was refused may be wrong on purpose.
        return []
    problems, known = [], set()
    for given in operation.facts.get("parameters", []):
        parameter = resolve(given)
        name, place = parameter["name"], parameter["in"]
        if place == "query":
            known.add(name)
        value = {"path": holes, "query": query}.get(place, {}).get(name)
        if value is None:
            if parameter.get("required") and place in ("path", "query"):
                problems.append(f"parameter {name} is missing")
            continue
        problems += [
            f"parameter {name}: {each}" for each in problems_with(_typed(unquote(value), parameter["schema"]), parameter["schema"])
        ]
    problems += [f"unknown parameter {name}" for name in query if name not in known]
    described = operation.facts.get("requestBody")
    if described is None:
        return problems + ([f"no body is expected, got {json.dumps(body)[:80]}"] if body not in (None, "", {}) else [])
    schema = resolve(described)["content"].get("application/json", {}).get("schema")
    if schema is not None and (body is not None or resolve(described).get("required")):
        problems += [f"body {each}" for each in problems_with(body if body is not None else {}, schema)]
        extra = set(body) - set(_properties(schema)) if isinstance(body, dict) and _properties(schema) else set()
        problems += [f"body has the unknown property {name}" for name in sorted(extra)]
    return problems


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties that a schema names, in any of its branches."""
    schema = resolve(schema)
    found: dict[str, Any] = dict(schema.get("properties", {}))
    for word in ("oneOf", "anyOf", "allOf"):
        for each in schema.get(word, []):
            found |= _properties(each)
    return found


def _typed(text: str, schema: Mapping[str, Any]) -> object:
    kind = resolve(dict(schema)).get("type")
    if kind == "integer" and text.lstrip("-").isdigit():
        return int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _answer(operation: Operation, status: int, body: object, headers: Mapping[str, str] | None) -> list[str]:
    described = operation.facts["responses"].get(str(status))
    if described is None:
        if status not in EVERYWHERE:
            return ["GitHub does not answer this status here"]
        return problems_with(body, {"$ref": "#/components/schemas/basic-error"}) if isinstance(body, dict) else []
    content = resolve(described).get("content")
    if not content:
        return [] if body in (None, "", {}) else ["GitHub answers without a body"]
    media = next((value for name, value in (headers or {}).items() if name.lower() == "content-type"), "application/json")
    media = media.partition(";")[0].strip()
    if not media.endswith("json") or "raw" in media:
        return [] if isinstance(body, str | None) else [f"{media} is no JSON"]
    schema = (content.get(media) or content.get("application/json") or next(iter(content.values()))).get("schema", {})
    return problems_with(body, schema)
