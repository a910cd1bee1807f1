"""Which of the configured seats sit, each with the reason."""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

from reviewers.brief import Brief
from reviewers.context.reviewable import why_not
from reviewers.context.snapshot import Snapshot
from reviewers.seats.seat import Member, Seat

MOST = 5
M = TypeVar("M", bound=Member)


class Selection(NamedTuple):
    """The seats that sit, in the configured order, and one line for each decision."""

    seats: tuple[Seat, ...]
    reasons: tuple[str, ...]


def select(seats: Sequence[Seat], brief: Brief, snapshot: Snapshot) -> Selection:
    """All configured models up to `MOST`, vendors first heard before a second of one; every analyzer."""
    models = [seat for seat in seats if seat.is_model]
    chosen = diverse(models)
    sitting = tuple(seat for seat in seats if not seat.is_model or seat in chosen)
    files = sum(not why_not(brief, file) for file in snapshot.files)
    return Selection(sitting, reasons(models, chosen, f" for {files} of {len(snapshot.files)} changed files"))


def reasons(models: Sequence[Member], chosen: Sequence[Member], work: str = "") -> tuple[str, ...]:
    """One line for each decision; `work` says what the chosen are to do, where that is worth saying."""
    said = [f"{len(chosen)} of {len(models)} configured models{work}"] if models else ["no model is configured"]
    if len(chosen) > 1 and len({seat.vendor for seat in chosen}) == 1:
        said.append("one vendor only: its models tend to err alike")
    return (*said, *(f"{seat.name} is left out: at most {MOST} models sit" for seat in models if seat not in chosen))


def diverse(models: Sequence[M]) -> list[M]:
    """At most `MOST` of them, vendors first heard before a second of one."""
    turns: dict[str, int] = {}
    ranked: list[tuple[int, int, M]] = []
    for index, seat in enumerate(models):
        turns[seat.vendor] = turns.get(seat.vendor, 0) + 1
        ranked.append((turns[seat.vendor], index, seat))
    return [seat for _, _, seat in sorted(ranked, key=lambda each: each[:2])][:MOST]
