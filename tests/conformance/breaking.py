"""Checks the checks: an exchange broken on purpose must not pass."""

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.conformance.graphql import GraphQLDescription
from tests.conformance.recording import Seen
from tests.conformance.rest import Description


def broken(answer: Any) -> Iterator[tuple[str, Any]]:
    """The answer with an invented key, and with a key's value of another type, in its first object."""
    for name, harm in (("an invented key", _invent), ("a value of another type", _retype)):
        changed = copy.deepcopy(answer)
        inner = changed
        while isinstance(inner, list) and inner:
            inner = inner[0]
        if isinstance(inner, dict) and inner:
            harm(inner)
            yield name, changed


def _invent(node: dict[str, Any]) -> None:
    node["invented_by_conformance"] = 1


def _retype(node: dict[str, Any]) -> None:
    first = next(iter(node))
    node[first] = [{"bogus": True}] if not isinstance(node[first], list) else 3.5


def unseen(description: Description, queries: GraphQLDescription, seen: Seen) -> list[str]:
    """The harms to this exchange that its checks do not detect."""
    if not seen.is_json or seen.status >= 400:
        return []
    changes = [(name, replace(seen, answer=answer)) for name, answer in broken(seen.answer)]
    if seen.path == "/graphql":
        return [name for name, changed in changes if not queries.check_answer(changed)]
    changes += [("a query parameter of our own", replace(seen, query=(*seen.query, ("invented", "1"))))]
    changes += [("a status of our own", replace(seen, status=299))]
    if isinstance(seen.sent, dict) and seen.sent:
        changes += [(f"{name} in the request", replace(seen, sent=sent)) for name, sent in broken(seen.sent)]
    return [name for name, changed in changes if not description.check_exchange(changed)]
