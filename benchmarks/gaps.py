"""Measures the longest time without an event while at least one head waited."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """From one moment to another, in seconds of one clock."""

    start: float
    end: float


def longest_gap(waiting: Iterable[Span], events: Sequence[float]) -> float:
    """The longest time, in seconds, with a waiting head and without an event; 0 if none waited."""
    worst = 0.0
    moments = sorted(events)
    for span in joined(waiting):
        inside = [moment for moment in moments if span.start < moment < span.end]
        edges = [span.start, *inside, span.end]
        worst = max(worst, *(later - earlier for earlier, later in itertools.pairwise(edges)))
    return worst


def joined(spans: Iterable[Span]) -> list[Span]:
    """Touching spans joined, in order."""
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found
