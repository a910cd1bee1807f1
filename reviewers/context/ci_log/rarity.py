"""Finds lines whose form is rare in their step: no pattern matches them, but a reader would notice them. Change the measure here."""

import heapq
import string
from array import array
from collections import Counter
from typing import NamedTuple

from reviewers.context.ci_log.lines import LogLines, line_windows
from reviewers.context.ci_log.steps import Step

# Only the end of the failed steps is compared: a megabyte takes 10 ms.
_COMPARED = 6 << 20
_LEAST_LINES = 400
_SHARE = 0.002
MOST = 500

# The form of a line is its punctuation, its capitals, its blanks (the number of its words), and its non-ASCII characters.
_LEFT_OUT = string.ascii_lowercase.encode() + string.digits.encode() + b"_-/.\t\r"


class Rare(NamedTuple):
    """A line, counted from 0, and how many lines of its step have the same form."""

    line: int
    alike: int


def rare_lines(lines: LogLines, steps: tuple[Step, ...]) -> list[Rare]:
    """The lines whose form is rare in their step, in order; beyond `MOST`, the rarest, and among those the last."""
    found: list[Rare] = []
    room = _COMPARED
    for step in reversed(steps or (Step(0, len(lines) - 1),)):
        stop = lines.start(min(step.last + 1, len(lines)))
        start = max(lines.start(step.first), stop - room)
        first = lines.at(start)
        room -= stop - start
        found += _rare(lines, first + (lines.start(first) < start), step.last)
        if room <= 0:
            break
    found.sort(key=lambda rare: (rare.alike, -rare.line))
    return sorted(found[:MOST])


def _rare(lines: LogLines, first: int, last: int) -> list[Rare]:
    if last - first < _LEAST_LINES:
        return []
    begin, end = lines.start(first), lines.start(last + 1)
    forms = array("q")
    for start, stop in line_windows(lines.data, begin, end):
        rows = lines.data[start:stop].removesuffix(b"\n").translate(None, _LEFT_OUT).split(b"\n")
        forms.extend(map(hash, rows))
    counts = Counter(forms)
    most = max(2, int(_SHARE * len(forms)))
    few = ((counts[form], -at) for at, form in enumerate(forms) if counts[form] <= most)
    return [Rare(first - at, alike) for alike, at in heapq.nsmallest(MOST, few)]
