"""Checks a story as a whole: each id in our requests must come from an earlier answer or webhook."""

import json
import re
from collections.abc import Iterable
from typing import Any

from app.sandbox.github.webhook_sender import DeliveryAttempt
from tests.conformance.recording import Seen

# Ids in paths of GitHub's API: comments, reviews, check runs, suites, jobs, workflow runs, installations, deliveries, reactions.
_ID = re.compile(r"(?<=/)\d{3,}(?=/|$)")


def find_invented(exchanges: Iterable[Seen], deliveries: Iterable[DeliveryAttempt]) -> list[str]:
    """The requests that name an id which GitHub never gave."""
    given: set[int] = set()
    for delivery in deliveries:
        given |= set(_numbers(json.loads(delivery.body)))
        given.add(delivery.id)
    invented = []
    for exchange in exchanges:
        invented += [f"{exchange.title}: nobody gave {number}" for number in map(int, _ID.findall(exchange.path)) if number not in given]
        given |= set(_numbers(exchange.answer))
    return invented


def _numbers(value: Any) -> Iterable[int]:
    if isinstance(value, bool):
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, str):
        # A link contains the ids of its target; the number of a log's job is only there.
        yield from (int(number) for number in re.findall(r"\d{3,}", value)[:50])
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _numbers(inner)
