"""Checks one REST exchange against GitHub's OpenAPI description: parameters, body, status, answer."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from jsonschema import Draft4Validator, ValidationError
from jsonschema.validators import extend
from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource, Specification

from tests.conformance.recording import Seen

ROOT = "urn:github"
MOST = 6
# Any operation may answer these; the description lists them inconsistently. Each has the body of the basic error.
GENERIC = {
    304: "not changed",
    400: "bad JSON",
    401: "bad credentials",
    403: "not accessible",
    404: "not found",
    422: "validation",
    429: "limited",
}
# A permission that GitHub's pages have and its description lacks:
# https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
UNDESCRIBED = frozenset({"merge_queues"})
GENERIC_SCHEMA = "/components/schemas/basic-error"


def _enum(_validator: Any, allowed: list[Any], instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
    # GitHub writes `nullable` next to an `enum` without null, and answers null.
    if instance not in allowed and not (instance is None and schema.get("nullable")):
        yield ValidationError(f"{instance!r} is not one of {allowed!r}")


# The library's own oneOf requires a discriminator in arrays too; GitHub's mapping of folder contents means none.
PLAIN = {word: Draft4Validator.VALIDATORS[word] for word in ("oneOf", "anyOf")}
Validator = extend(OAS30Validator, {"enum": _enum, **PLAIN})
# Mistakes of the description: (pointer, the wrong word, the right one, why).
MISTAKES = (
    (
        "/paths/~1app~1installations/get/responses/200/content/application~1json/schema/items/properties/account",
        "allOf",
        "anyOf",
        "an account is a user or an enterprise, as components/schemas/installation says, and never both",
    ),
)
# Nullable in practice: (pointer, why).
NULLABLE = tuple(
    (
        f"/components/schemas/pull-request-review-comment/properties/{name}",
        "an outdated comment has no place, as schemas/review-comment says",
    )
    for name in ("line", "position")
)


# Values that an enum of the description lacks: (pointer, the value, why).
LACKING = (
    (
        "/components/schemas/webhook-check-suite-rerequested/properties/check_suite/properties/app/properties/events/items/enum",
        "merge_group",
        "an event like others: https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group",
    ),
)


@dataclass(frozen=True)
class Operation:
    """One method of one path template."""

    method: str
    template: str
    pattern: re.Pattern[str]
    parameters: dict[tuple[str, str], dict[str, Any]]
    spec: dict[str, Any]

    @property
    def pointer(self) -> str:
        return f"/paths/{_escaped(self.template)}/{self.method.lower()}"


class Description:
    """GitHub's description; operations and validators are built on first use."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._registry = Registry().with_resource(ROOT, Resource(document, Specification.OPAQUE))
        self.validator = cache(self._validator)
        for pointer, wrong, right, _ in MISTAKES:
            node = self._at(pointer)
            node[right] = node.pop(wrong)
        for pointer, value, _ in LACKING:
            self._at(pointer).append(value)
        for pointer, _ in NULLABLE:
            self._at(pointer)["nullable"] = True

    def find(self, method: str, path: str) -> Operation | None:
        """The operation that fits, fewest placeholders and longest template first."""
        return next((operation for operation in self._operations if operation.method == method and operation.pattern.fullmatch(path)), None)

    def check_exchange(self, seen: Seen) -> list[str]:
        """The problems of an exchange."""
        operation = self.find(seen.method, seen.path)
        if operation is None:
            return ["no such operation in the description"]
        return [*self._request(operation, seen), *self._answer(operation, seen)]

    def problems(self, pointer: str, instance: Any, *, closed: bool = True) -> list[str]:
        """The problems of an instance by a schema; `closed` also names unknown keys."""
        found = [_told(error) for error in self.validator(pointer).iter_errors(instance)]
        if closed and not found:
            found = [f"{place}: not in the description" for place in self._unknown([self._at(pointer)], instance, "$")]
        return sorted(dict.fromkeys(found))[:MOST]

    @cached_property
    def _operations(self) -> list[Operation]:
        found = []
        for template, methods in self._document["paths"].items():
            for method, spec in methods.items():
                listed = [self._resolved(each) for each in spec.get("parameters", ())]
                parameters = {(each["in"], each["name"]): each for each in listed}
                wide = {name for (where, name), each in parameters.items() if where == "path" and each.get("x-multi-segment")}
                found.append(Operation(method.upper(), template, _pattern(template, wide), parameters, spec))
        return sorted(found, key=lambda each: (each.template.count("{"), -len(each.template)))

    def _validator(self, pointer: str) -> Any:
        return Validator({"$ref": f"{ROOT}#{pointer}"}, registry=self._registry, format_checker=oas30_format_checker)

    def _resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in node:
            node = self._at(node["$ref"][1:])
        return node

    def _at(self, pointer: str) -> Any:
        node: Any = self._document
        for part in pointer.split("/")[1:]:
            key = part.replace("~1", "/").replace("~0", "~")
            node = node[int(key)] if isinstance(node, list) else node[key]
        return node

    def _request(self, operation: Operation, seen: Seen) -> Iterator[str]:
        match = operation.pattern.fullmatch(seen.path)
        given = [("path", name, text) for name, text in (match.groupdict() if match else {}).items()]
        given += [("query", name, text) for name, text in seen.query]
        for where, name, text in given:
            parameter = operation.parameters.get((where, name))
            if parameter is None:
                yield f"request: no {where} parameter {name!r} in the description"
                continue
            schema = self._resolved(parameter.get("schema", {}))
            validator = Validator(schema, registry=self._registry, format_checker=oas30_format_checker)
            yield from (
                f"request: {where} parameter {name}: {error.message[:160]}" for error in validator.iter_errors(_typed(schema, text))
            )
        names = {(where, name) for where, name, _ in given}
        for (where, name), parameter in operation.parameters.items():
            if where == "query" and parameter.get("required") and (where, name) not in names:
                yield f"request: query parameter {name} is required"
        yield from self._sent(operation, seen)

    def _sent(self, operation: Operation, seen: Seen) -> Iterator[str]:
        body = operation.spec.get("requestBody")
        if body is None:
            if seen.sent not in (None, {}):
                yield "request: the description has no body here"
        elif seen.sent is None:
            if body.get("required"):
                yield "request: a body is required"
        elif "application/json" in body["content"]:
            pointer = f"{operation.pointer}/requestBody/content/application~1json/schema"
            yield from (f"request: {problem}" for problem in self.problems(pointer, seen.sent))

    def _answer(self, operation: Operation, seen: Seen) -> Iterator[str]:
        response = operation.spec["responses"].get(str(seen.status))
        if response is None:
            if seen.status not in GENERIC:
                yield f"answer: status {seen.status} is not in the description"
            elif seen.is_json:
                yield from (f"answer: {problem}" for problem in self.problems(GENERIC_SCHEMA, seen.answer, closed=False))
            return
        pointer = response["$ref"][1:] if "$ref" in response else f"{operation.pointer}/responses/{seen.status}"
        content = self._resolved(response).get("content", {})
        if seen.is_json and not content:
            yield "answer: the description has no content here"
        elif seen.is_json:
            fitting = [media for media in content if "json" in media or media.endswith(".object")]
            tried = [
                self.problems(f"{pointer}/content/{_escaped(media)}/schema", seen.answer, closed=seen.status < 400) for media in fitting
            ]
            yield from (f"answer: {each}" for each in (min(tried, key=len) if tried else ["JSON is not in the description"]))

    def _unknown(self, schemas: list[dict[str, Any]], instance: Any, place: str) -> Iterator[str]:
        """Keys that none of the schemas knows, at any depth; only maps (whose other values have a schema) may have any key."""
        flat = list(self._flattened(schemas))
        if isinstance(instance, list):
            inner = [each["items"] for each in flat if "items" in each]
            for item in instance if inner else ():
                yield from self._unknown(inner, item, f"{place}[]")
        if not isinstance(instance, dict):
            return
        known = [each["properties"] for each in flat if each.get("properties")]
        if not known or any(isinstance(each.get("additionalProperties"), dict) for each in flat):
            return
        for key, value in instance.items():
            inner = [each[key] for each in known if key in each]
            if not inner and key not in UNDESCRIBED:
                yield f"{place}.{key}"
            else:
                yield from self._unknown(inner, value, f"{place}.{key}")

    def _flattened(self, schemas: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        for each in schemas:
            schema = self._resolved(each)
            yield schema
            for word in ("allOf", "anyOf", "oneOf"):
                yield from self._flattened(schema.get(word, ()))


def _pattern(template: str, wide: set[str]) -> re.Pattern[str]:
    def hole(found: re.Match[str]) -> str:
        return f"(?P<{found[1].replace('-', '_')}>{'.+' if found[1] in wide else '[^/]+'})"

    return re.compile(re.sub(r"\{([\w-]+)\}", hole, template))


def _escaped(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")


def _typed(schema: dict[str, Any], text: str) -> Any:
    """A parameter's text as a JSON value."""
    if schema.get("type") == "integer" and re.fullmatch(r"-?\d+", text):
        return int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _told(error: Any) -> str:
    """The most specific part of an error: in the branch of anyOf and oneOf that got furthest."""
    while error.context:
        branches: dict[Any, list[Any]] = {}
        for each in error.context:
            branches.setdefault(each.schema_path[0], []).append(each)
        error = max(max(branches.values(), key=lambda errors: (max(map(_depth, errors)), -len(errors))), key=_depth)
    return f"{error.json_path}: {error.message[:200]}"


def _depth(error: Any) -> int:
    return len(error.absolute_path) + max(
        (_depth(each) - len(each.absolute_path) + len(each.path) for each in error.context or ()), default=0
    )
