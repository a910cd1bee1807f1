"""Selects the log lines that are worth a closer look, by a fast search for literals.

Only lines with strong literals can displace a line that has one, such as a failed test in the middle of 100,000 lines.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from reviewers.context.ci_log.lines import LogLines, line_windows
from reviewers.context.ci_log.steps import Step

# Near the ends of a failed step, every line is a candidate; elsewhere, only a line that contains a literal (in lower case).
MOST = 6_000
# Half as many for a large log, to keep its speed.
MOST_OF_LARGE = 3_000
AHEAD = 400
# Searching 100 MB for one literal takes 0.1 s, so a large log is searched for the first few only.
LARGE = 4 << 20
FEW = (b"error", b"fail", b"exception", b"fatal", b"panic", b"not found")
LITERALS = (
    *FEW,
    b"traceback",
    b"abort",
    b"no such file",
    b"cannot ",
    b"undefined ",
    b"timed out",
    b"exit code",
    b"not ok ",
    b"assert",
    b"expected",
    b"denied",
    b"would ",
    b"invalid",
    b"unable",
    b"segmentation",
    b"out of memory",
    b"could not",
    b"\xe2\x9c\x96",
    b"\xe2\x9c\x97",
    b"\xe2\x9c\x98",
    b"\xe2\x9c\x95",
    b"\xe2\x9d\x8c",
)
# A useful line contains one of these next to such a literal, in the letter case that tools write; the others are names of things that pass.
STRONG = (
    b"--- FAIL",
    b"FAILED",
    b"FAIL ",
    b"FAIL:",
    b"panic",
    b"Traceback",
    b"rror:",
    b"rror[",
    b"RROR",
    b"xception",
    b"fatal",
    b"FATAL",
    b"not ok ",
)
# How many lines per template (digits removed) become candidates, and how many templates are counted.
_OF_A_TEMPLATE, _TEMPLATES = 24, 100_000
_DIGITS = b"0123456789"
# Literals of possible headings, and how many lines below a heading become candidates.
_HEADING = re.compile(rb"FAILURES|ERRORS|Failures|Errors|(?:Failed|Failing) [Tt]ests|There w\w{2,3} \d|\d failing|FAIL:|ERROR:")
_BELOW = 4


class _Hits:
    """Lines that contain a literal, by template. A frequent template keeps only its first and last lines, so memory is bounded."""

    def __init__(self) -> None:
        self._alike = Counter[int]()
        self._last: dict[int, int] = {}
        self._strong: dict[int, int] = {}
        self._weak: dict[int, int] = {}

    def add(self, line: int, raw: bytes) -> None:
        """Record a line that contains a literal, once per literal."""
        if line in self._strong or line in self._weak:
            return
        template = hash(raw[:200].translate(None, _DIGITS))
        self._alike[template] += 1
        group = self._strong if any(literal in raw for literal in STRONG) else self._weak
        if self._alike[template] <= _OF_A_TEMPLATE and len(group) < _TEMPLATES:
            group[line] = template
        elif len(self._last) < _TEMPLATES or template in self._last:
            self._last[template] = line
        if len(self._alike) > 2 * _TEMPLATES:
            self._alike.clear()

    def strong(self, most: int) -> list[int]:
        return self._rarest(self._strong, most)

    def weak(self, most: int) -> list[int]:
        return self._rarest(self._weak, most)

    def last(self, most: int) -> list[int]:
        """The last lines of each template that had too many."""
        return sorted(self._last.values())[-most:]

    def _rarest(self, group: dict[int, int], most: int) -> list[int]:
        if len(group) <= most:
            return [*group]
        return sorted(group, key=lambda line: (self._alike[group[line]], -line))[:most]


def candidates(lines: LogLines, steps: tuple[Step, ...], rare: Iterable[int] = ()) -> list[int]:
    """At most `MOST` lines in order, counted from 0; lines with strong literals and rare lines take precedence."""
    large = len(lines.data) > LARGE
    most = MOST_OF_LARGE if large else MOST
    hits = _search(lines, FEW if large else LITERALS)
    near = _near(steps or (Step(0, len(lines) - 1),), most // 2)
    found: set[int] = set()
    for group in (hits.strong(2 * most // 5), rare, hits.last(most // 12), near, hits.weak(most)):
        for line in group:
            if len(found) >= most:
                break
            found.add(line)
    return sorted(found.union(_below_headings(lines, found)))


def _below_headings(lines: LogLines, found: Iterable[int]) -> Iterator[int]:
    """The lines below each heading of failures such as `____ test_total ____`; they may contain no literal."""
    for line in found:
        if _HEADING.search(lines.raw(line)[:200]):
            yield from range(line + 1, min(line + 1 + _BELOW, len(lines)))


def _search(lines: LogLines, literals: Iterable[bytes]) -> _Hits:
    hits = _Hits()
    for start, stop in line_windows(lines.data):
        window = lines.data[start:stop]
        lower = window.lower()
        for literal in literals:
            at = lower.find(literal)
            while at >= 0:
                end = lower.find(b"\n", at)
                end = len(lower) if end < 0 else end
                opened = lower.rfind(b"\n", 0, at) + 1
                hits.add(lines.at(start + at), window[opened : min(end, opened + 2_000)])
                at = lower.find(literal, end)
    return hits


def _near(steps: tuple[Step, ...], most: int) -> Iterator[int]:
    """The ends of the failed steps from the last line backward, and their beginnings."""
    for step in reversed(steps):
        yield from range(step.last, max(step.first, step.last - most) - 1, -1)
    for step in steps:
        yield from range(step.first, min(step.last, step.first + AHEAD) + 1)
