"""From a score to a confidence people may read: a percentage only where enough outcomes stand behind it."""

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


def ascending(table: Table) -> bool:
    """Whether a table's bins are in order, as `calibrate` needs them."""
    return all(one.floor < two.floor for one, two in pairwise(table.bins))


def word(confidence: float) -> str:
    """How sure, in a word."""
    if confidence >= 0.7:
        return "likely"
    return "possible" if confidence >= 0.4 else "doubtful"
