"""From a score to a confidence people may read: a percentage only where enough outcomes stand behind it."""

from collections.abc import Iterable
from itertools import pairwise

from reviewers.value import Value

ENOUGH = 50


class Bin(Value):
    """Past findings with a score of at least `floor`: how many had an outcome, and how many of them were right."""

    floor: float
    n: int
    right: int


class Table(Value):
    """Outcomes by score, in ascending order of `floor`."""

    bins: tuple[Bin, ...] = ()

    @property
    def n(self) -> int:
        """Outcomes behind the whole table."""
        return sum(each.n for each in self.bins)


def calibrate(score: float, table: Table | None) -> tuple[float, bool]:
    """The confidence for a score, and whether it rests on at least `ENOUGH` outcomes; never lower for a higher score."""
    if table is None or table.n < ENOUGH:
        return score, False
    ceiling = 0.0
    for each in table.bins:
        if score < each.floor:
            break
        if each.n:
            ceiling = max(ceiling, (each.right + 1) / (each.n + 2))
    return ceiling, True


def fitted(outcomes: Iterable[tuple[float, bool]], repeats: int = 1) -> Table:
    """The table of past scores and whether they were right: bins of `ENOUGH`, joined until precision rises with the score.

    `repeats`: each outcome is there about so many times, and counts once.
    """
    bins: list[Bin] = []
    least = ENOUGH * repeats
    ordered = sorted(outcomes)
    for start in range(0, len(ordered), least):
        part = ordered[start : start + least]
        right = sum(correct for _, correct in part)
        if bins and (len(part) < least or part[0][0] == bins[-1].floor):
            bins[-1] = _joined(bins[-1], Bin(floor=part[0][0], n=len(part), right=right))
        else:
            bins.append(Bin(floor=part[0][0], n=len(part), right=right))
        # Pool adjacent violators: isotonic regression over the bins.
        while len(bins) > 1 and bins[-2].right * bins[-1].n >= bins[-1].right * bins[-2].n:
            last = bins.pop()
            bins[-1] = _joined(bins[-1], last)
    floors = [0.0, *(each.floor for each in bins[1:])]
    return Table(
        bins=tuple(
            Bin(floor=floor, n=round(each.n / repeats), right=round(each.right / repeats))
            for floor, each in zip(floors, bins, strict=False)
        )
    )


def _joined(one: Bin, two: Bin) -> Bin:
    return Bin(floor=one.floor, n=one.n + two.n, right=one.right + two.right)


def ascending(table: Table) -> bool:
    """Whether a table's bins are in order, as `calibrate` needs them."""
    return all(one.floor < two.floor for one, two in pairwise(table.bins))


def word(confidence: float) -> str:
    """How sure, in a word."""
    if confidence >= 0.7:
        return "likely"
    return "possible" if confidence >= 0.4 else "doubtful"
