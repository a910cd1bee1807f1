"""A log as numbered lines over its raw bytes, which cleans only the lines that are read."""

from array import array
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, count
from operator import add

from reviewers.context.ci_log.cleaning import clean
from reviewers.context.ci_log.decoding import as_utf8
from reviewers.context.ci_log.prefixes import Prefix, learn

WINDOW = 1 << 20
# Cleaned lines are cached only while they are few: all of them would take several times the log's memory.
KEPT = 8_192
# How many lines are sampled to learn the prefix that they share, and how much of each: BuildKit's prefix ends with its step.
_NEARBY, _ASKED = 1_024, 48
_MANY_LINES = 200_000


class LogLines:
    """Lines are counted from 0 and split at `\\n` only; cleaning handles `\\r`."""

    def __init__(self, log: bytes) -> None:
        self.data = data = as_utf8(log)
        # The start of every line, and one past the last newline.
        self._starts = array("Q", [0])
        for start, stop in line_windows(data):
            sizes = map(len, data[start:stop].removesuffix(b"\n").split(b"\n"))
            # The cumulated lengths, plus one newline per line so far.
            self._starts.extend(map(add, accumulate(sizes), count(start + 1)))
        self._texts: dict[int, str] = {}
        self._nearby = _NEARBY if len(self) < _MANY_LINES else 8 * _NEARBY
        self._prefixes: dict[int, Prefix] = {}

    def __len__(self) -> int:
        return len(self._starts) - 1

    def raw(self, index: int) -> bytes:
        return self.data[self._starts[index] : self._starts[index + 1] - 1]

    def text(self, index: int) -> str:
        """The cleaned line, without the prefix that most lines nearby share."""
        found = self._texts.get(index)
        if found is None:
            if len(self._texts) >= KEPT:
                self._texts.clear()
            found = self._texts[index] = self.strip(index, clean(self.raw(index)))
        return found

    def strip(self, index: int, text: str) -> str:
        """A cleaned text of that line, or a part of it, without the prefix that most lines nearby share."""
        return self._prefix(index).strip(text)

    def said(self, index: int) -> str:
        """The text without a log level that nearly every line nearby has; this text is weighed."""
        return self._prefix(index).strip_level(self.text(index))

    def start(self, index: int) -> int:
        """The byte at which a line begins; one past the last line, the end of the log."""
        return self._starts[index]

    def at(self, position: int) -> int:
        """The line that contains a byte."""
        return bisect_right(self._starts, position) - 1

    def _prefix(self, index: int) -> Prefix:
        part = index // self._nearby
        if part not in self._prefixes:
            first, last = part * self._nearby, min(len(self), (part + 1) * self._nearby)
            self._prefixes[part] = learn([clean(self.raw(line)) for line in range(first, last, max(1, (last - first) // _ASKED))])
        return self._prefixes[part]


def line_windows(data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int]]:
    """Ranges of about a megabyte that end with a line, so that a converted copy of the log is never in memory as a whole."""
    size = len(data) if end is None else min(end, len(data))
    while start < size:
        stop = data.find(b"\n", min(start + WINDOW, size), size) + 1 or size
        yield start, stop
        start = stop
