"""Turns a score into a confidence that people may read: a percentage only with enough outcomes behind it."""

import math
from collections.abc import Iterable
from itertools import pairwise

from reviewers.values.value import FrozenValue

ENOUGH = 50
# The share by which the difference in track record between these seats and those behind a table moves the confidence, in log-odds. A score
# includes part of the records already. Fitted on the weaker half of 17 recorded tools and tried on the stronger, and vice versa, on other
# repositories each time: the error was .073 and .105 with 0, .049 and .055 with 0.5, .064 and .016 with 1.
_SHARE = 0.75
# A track record moves a confidence, but never makes it certain.
_LEAST, _MOST = 0.01, 0.99


class Bin(FrozenValue):
    """Past findings with a score of at least `floor`: how many have an outcome, and how many of them were right."""

    floor: float
    n: int
    right: int


class Table(FrozenValue):
    """Outcomes by score, in ascending order of `floor`.

    `record` is the mean log-odds by which the seats behind them are better than an unknown seat.
    """

    bins: tuple[Bin, ...] = ()
    record: float = 0.0

    @property
    def n(self) -> int:
        """The number of outcomes behind the whole table."""
        return sum(each.n for each in self.bins)


def calibrate(score: float, table: Table | None, record: float | None = None) -> tuple[float, bool]:
    """The confidence for a score, and whether at least `ENOUGH` outcomes support it; never lower for a higher score.

    `record` is the mean of this council's seats, like `Table.record`; None if they are unknown.
    """
    if table is None or table.n < ENOUGH:
        return score, False
    ceiling = 0.0
    for each in table.bins:
        if score < each.floor:
            break
        if each.n:
            ceiling = max(ceiling, (each.right + 1) / (each.n + 2))
    return (ceiling if record is None else _moved(ceiling, _SHARE * (record - table.record))), True


def _moved(confidence: float, by: float) -> float:
    bounded = min(_MOST, max(_LEAST, confidence))
    odds = math.log(bounded / (1 - bounded)) + by
    return min(_MOST, max(_LEAST, 1 / (1 + math.exp(-odds))))


def fit_table(outcomes: Iterable[tuple[float, bool]], repeats: int = 1, record: float = 0.0) -> Table:
    """The table of past scores and whether they were right: bins of `ENOUGH`, joined until precision rises with the score.

    `repeats`: each outcome appears about that many times, and counts once. `record` is the mean of the seats behind them.
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
        ),
        record=round(record, 4),
    )


def _joined(one: Bin, two: Bin) -> Bin:
    return Bin(floor=one.floor, n=one.n + two.n, right=one.right + two.right)


def ascending(table: Table) -> bool:
    """Whether a table's bins are in the order that `calibrate` needs."""
    return all(one.floor < two.floor for one, two in pairwise(table.bins))


def confidence_word(confidence: float) -> str:
    """The confidence as a word."""
    if confidence >= 0.7:
        return "likely"
    return "possible" if confidence >= 0.4 else "unlikely"
