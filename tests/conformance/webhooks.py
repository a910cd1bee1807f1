"""Webhook payloads against GitHub's webhook schemas and against recorded deliveries."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from tests.conformance.fetch import description, examples
from tests.conformance.rest import problems_with, resolve

# Below these, keys are names of things and not part of the shape.
FREE = {"permissions"}
SHARED = ("repository", "sender", "organization", "installation")
MODERN = "described"


def recorded_payloads() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each recorded payload with its event: 329 of them."""
    for each in examples():
        for example in each["examples"]:
            yield each["name"], example


def check_payload(event: str, payload: dict[str, Any]) -> list[str]:
    """Problems of a payload that the sandbox sends."""
    name = event.replace("_", "-") + (f"-{payload['action'].replace('_', '-')}" if "action" in payload else "")
    described = description()["x-webhooks"].get(name)
    if described is None:
        return [f"GitHub sends no {event} {payload.get('action', '')}"]
    schema = resolve(described["post"]["requestBody"]["content"]["application/json"]["schema"])
    problems = problems_with(payload, schema)
    return [f"{name}: {each}" for each in [*problems, *_strangers(event, payload, schema)]]


def _strangers(event: str, payload: dict[str, Any], schema: dict[str, Any]) -> list[str]:
    """Keys and types that neither a recorded delivery nor the schema knows."""
    shape = _recorded(event)
    problems = []
    for path, kind in _walk(payload, ()):
        seen = shape.get(path)
        if seen is None and not _described(schema, path):
            problems.append(f"{'.'.join(path)} is in no recorded delivery, nor described")
        elif seen is not None and kind != "null" and kind not in seen and seen != {"null"} and not _described(schema, path):
            problems.append(f"{'.'.join(path)} is {kind} here, {' or '.join(sorted(seen))} in recorded deliveries")
    return problems


@cache
def _recorded(event: str) -> dict[tuple[str, ...], set[str]]:
    """Every path of an event's recorded payloads with the JSON types seen there; shared objects are pooled over all events."""
    shape: dict[tuple[str, ...], set[str]] = {}
    for name, payload in recorded_payloads():
        for path, kind in _walk(payload, ()):
            if name == event or path[0] in SHARED:
                shape.setdefault(path, set()).add(kind)
    return shape


def _walk(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if path:
        yield path, _kind(value)
    if isinstance(value, dict) and (not path or path[-1] not in FREE):
        for key, inner in value.items():
            yield from _walk(inner, (*path, key))
    elif isinstance(value, list):
        for inner in value:
            yield from _walk(inner, (*path, "[]"))


def _kind(value: object) -> str:
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return kinds.get(type(value), "null")


def _described(schema: dict[str, Any], path: tuple[str, ...]) -> bool:
    schema = resolve(schema)
    branches = [each for word in ("oneOf", "anyOf", "allOf") for each in schema.get(word, [])]
    if branches and any(_described(each, path) for each in branches):
        return True
    if not path:
        return True
    if path[0] == "[]":
        return "items" in schema and _described(schema["items"], path[1:])
    inner = schema.get("properties", {}).get(path[0])
    return inner is not None and _described(inner, path[1:])
