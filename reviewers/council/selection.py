"""Which of the configured seats sit, each with the reason."""

from collections.abc import Sequence
from typing import NamedTuple

from reviewers.brief import Brief
from reviewers.context.reviewable import why_not
from reviewers.context.snapshot import Snapshot
from reviewers.seats.seat import Seat

MOST = 5


class Selection(NamedTuple):
    """The seats that sit, in the configured order, and one line for each decision."""

    seats: tuple[Seat, ...]
    reasons: tuple[str, ...]


def select(seats: Sequence[Seat], brief: Brief, snapshot: Snapshot) -> Selection:
    """All configured models up to `MOST`, vendors first heard before a second of one; every analyzer."""
    models = [seat for seat in seats if seat.is_model]
    chosen = _diverse(models)[:MOST]
    sitting = tuple(seat for seat in seats if not seat.is_model or seat in chosen)
    files = sum(not why_not(brief, file) for file in snapshot.files)
    vendors = len({seat.vendor for seat in chosen})
    reasons = (
        [f"{len(chosen)} of {len(models)} configured models for {files} of {len(snapshot.files)} changed files"]
        if models
        else ["no model is configured"]
    )
    if len(chosen) > 1 and vendors == 1:
        reasons.append("one vendor only: its models tend to err alike")
    reasons += [f"{seat.name} is left out: at most {MOST} models sit" for seat in models if seat not in chosen]
    return Selection(sitting, tuple(reasons))


def _diverse(models: Sequence[Seat]) -> list[Seat]:
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, Seat]] = []
    for index, seat in enumerate(models):
        turns[seat.vendor] = turns.get(seat.vendor, 0) + 1
        ranked.append((turns[seat.vendor], index, seat))
    return [seat for _, _, seat in sorted(ranked, key=lambda each: each[:2])]
