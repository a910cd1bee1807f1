"""From a score to a confidence people may read: a percentage only where enough outcomes stand behind it."""

import math
from collections.abc import Iterable
from itertools import pairwise

from reviewers.value import Value

ENOUGH = 50
# How much of the distance between these seats' records and those behind a table moves the confidence, in log-odds. A score knows records
# in part. Fitted on the weaker half of 17 recorded tools and tried on the stronger, and the other way round, other repositories each
# time: the error was .073 and .105 with 0, .049 and .055 with 0.5, .064 and .016 with 1.
_SHARE = 0.75
# A record says where a confidence belongs, never that it is certain.
_LEAST, _MOST = 0.01, 0.99


class Bin(Value):
    """Past findings with a score of at least `floor`: how many had an outcome, and how many of them were right."""

    floor: float
    n: int
    right: int


class Table(Value):
    """Outcomes by score, in ascending order of `floor`.

    `record` is the mean log-odds by which the seats that raised them are better than a seat that nobody knows.
    """

    bins: tuple[Bin, ...] = ()
    record: float = 0.0

    @property
    def n(self) -> int:
        """Outcomes behind the whole table."""
        return sum(each.n for each in self.bins)


def calibrate(score: float, table: Table | None, record: float | None = None) -> tuple[float, bool]:
    """The confidence for a score, and whether it rests on at least `ENOUGH` outcomes; never lower for a higher score.

    `record` is the mean of this council's seats, as `Table.record`; None where nobody knows them.
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

    `repeats`: each outcome is there about so many times, and counts once. `record` is the mean of the seats behind them.
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
    """Whether a table's bins are in order, as `calibrate` needs them."""
    return all(one.floor < two.floor for one, two in pairwise(table.bins))


def word(confidence: float) -> str:
    """How sure, in a word."""
    if confidence >= 0.7:
        return "likely"
    return "possible" if confidence >= 0.4 else "unlikely"
