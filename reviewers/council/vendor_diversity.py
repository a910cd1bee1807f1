"""Chooses which of the configured models answer a question: vendors first, each decision with its reason."""

from collections.abc import Sequence
from typing import TypeVar

from reviewers.seats.seat import Member

MOST = 5
M = TypeVar("M", bound=Member)


def diverse_panel(models: Sequence[M]) -> list[M]:
    """At most `MOST` models, one of each vendor before a second of any."""
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, M]] = []
    for index, seat in enumerate(models):
        turns[seat.vendor] = turns.get(seat.vendor, 0) + 1
        ranked.append((turns[seat.vendor], index, seat))
    return [seat for _, _, seat in sorted(ranked, key=lambda each: each[:2])][:MOST]


def panel_reasons(models: Sequence[Member], chosen: Sequence[Member]) -> tuple[str, ...]:
    """One line per decision."""
    said = [f"{len(chosen)} of {len(models)} configured models"] if models else ["no model is configured"]
    if len(chosen) > 1 and len({seat.vendor for seat in chosen}) == 1:
        said.append("one vendor only: its models tend to make the same mistakes")
    return (*said, *(f"{seat.name} is left out: at most {MOST} models take part" for seat in models if seat not in chosen))
