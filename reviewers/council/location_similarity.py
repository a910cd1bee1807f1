"""Computes what the places of two findings say about whether they are one issue: a shift of the log-odds, or never."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from reviewers.values.finding import Finding
from reviewers.values.value import FrozenValue

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

NEVER = -1e6


class PlaceRules(FrozenValue):
    """Log-odds added to those of the words, by the distance between two findings; `near` is in lines.

    The words were learned on findings whose place is unknown, so a known place is further evidence: a little, because on real
    changes two models often report different issues on the same lines. Chosen by `placing.fit_places` on judged comments.
    """

    near: int = 3
    same_kind: float = 0.5
    overlapping: float = 0.5
    close: float = -1.0
    same_file: float = 0.0
    same_quote: float = 1.5
    far: float = -5.5
    one_place: float = -1.0
    one_seat: float = -2.0


def location_shifts(findings: Sequence[Finding], rules: PlaceRules) -> "Array":
    """n × n log-odds from places alone; NEVER across files and across functions of one file."""
    import numpy as np

    path = _numbered([finding.location.path or "" for finding in findings])
    gap, both = _gaps(findings)
    kind = _numbered([finding.category.value for finding in findings])
    symbol = _numbered([finding.symbol for finding in findings])
    quote = _numbered([" ".join(finding.quote.split()) for finding in findings])
    seat = _numbered([finding.seat for finding in findings])

    def same(values: "Array") -> "Array":
        return np.equal.outer(values, values)

    # The same mistake often occurs twice in a file; within one function, it is more likely one mistake reported twice.
    named = (symbol >= 0)[:, None] & (symbol >= 0)[None, :]
    distant = np.where(named, np.where(same(symbol), rules.same_file, NEVER), rules.far)
    quoted = same(quote) & (quote >= 0)[:, None]
    shift = np.where(quoted, rules.same_quote, rules.same_file)
    shift = np.where(both & (gap > rules.near), distant, shift)
    shift = np.where(both & (gap <= rules.near), rules.close, shift)
    # Two findings of one category on the same line are rarely two issues; with different categories they often are.
    shift = np.where(both & (gap <= 0), np.where(same(kind), rules.same_kind, rules.overlapping), shift)
    pathless = path < 0
    shift = np.where(pathless[:, None] & pathless[None, :], 0.0, shift)
    shift = np.where(same(seat) & ~(pathless[:, None] & pathless[None, :]), shift + rules.one_seat, shift)
    return np.where(same(path), shift, NEVER).astype(np.float32)


def nearby_pairs(findings: Sequence[Finding], rules: PlaceRules) -> "Array":
    """n × n: whether two findings are at most `near` lines apart in one file."""
    import numpy as np

    gap, both = _gaps(findings)
    path = _numbered([finding.location.path or "" for finding in findings])
    return both & np.equal.outer(path, path) & (path >= 0)[:, None] & (gap <= rules.near)


def _gaps(findings: Sequence[Finding]) -> "tuple[Array, Array]":
    """Lines between two findings, at most 0 if they overlap, and whether both have lines on one side of the diff."""
    import numpy as np

    where = [finding.location for finding in findings]
    line = np.array([location.line or 0 for location in where])
    start = np.array([location.start_line or location.line or 0 for location in where])
    placed = line > 0
    side = _numbered([location.side.value for location in where])
    gap = np.maximum(start[:, None] - line[None, :], start[None, :] - line[:, None])
    return gap, placed[:, None] & placed[None, :] & np.equal.outer(side, side)


def _numbered(values: Sequence[str]) -> "Array":
    """A number for each distinct value; -1 for an empty one."""
    import numpy as np

    numbers = {value: index for index, value in enumerate(sorted({value for value in values if value}))}
    return np.array([numbers.get(value, -1) for value in values], np.float32)
