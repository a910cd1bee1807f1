"""The strict score: a known issue counts once, and a second comment on it is a false positive."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from reviewers.evals.recorded import RecordedComment, RecordedReview


class Tally(NamedTuple):
    """Counts of one pull request, or sums over several."""

    found: int = 0
    useful: int = 0
    posted: int = 0
    golden: int = 0
    first: int = 0
    five: int = 0
    spoke: int = 0

    @property
    def precision(self) -> float:
        return self.useful / self.posted if self.posted else 0.0

    @property
    def recall(self) -> float:
        return self.found / self.golden if self.golden else 0.0

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def tally(row: RecordedReview, posted: Sequence[RecordedComment]) -> Tally:
    """Score the posted comments of one pull request, best first."""
    found: set[str] = set()
    useful = first = five = 0
    for rank, comment in enumerate(posted):
        new = set(comment.matches or ()) - found
        found |= new
        useful += bool(new)
        first = useful if rank == 0 else first
        five = len(found) if rank < 5 else five
    return Tally(len(found), useful, len(posted), len(row.golden), first, five, int(bool(posted)))


def total(tallies: Iterable[Tally]) -> Tally:
    """Micro-average over pull requests."""
    return Tally(*(sum(column) for column in zip(Tally(), *tallies, strict=True)))


def members(rows: Sequence[RecordedReview]) -> dict[str, float]:
    """F1 of each tool alone, as it posted; a pull request without any comment of the tool counts."""
    tools = sorted({tool for row in rows for tool in row.tools})
    return {tool: total(tally(row, [comment for comment in row.comments if comment.tool == tool]) for row in rows).f1 for tool in tools}
