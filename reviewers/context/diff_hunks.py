"""Parses the hunks of one file's diff in one pass. Ranges and counts follow the lines that are really there."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.context.diff_header import file_begins

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_COMBINED = re.compile(r"(@{3,33}) ((?:-\d{1,9}(?:,\d{1,9})? )+)\+(\d{1,9})(?:,(\d{1,9}))? @{3,33}")


class HunkSpan(NamedTuple):
    """One hunk: its ranges as its lines give them (`cut` if its header says otherwise), and the position of its lines, header first."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    first: int
    last: int
    cut: bool = False


def find_hunks(patch: str) -> tuple[tuple[HunkSpan, ...], Sequence[str], str]:
    """The hunks of one header-less patch, its lines, and the parts that could not be read."""
    lines = patch.removesuffix("\n").split("\n")
    found = Hunks(lines)
    found.read(0)
    return tuple(found.spans), lines, found.problem


class Hunks:
    """The hunks from a line on. Their lengths decide where content ends, because content may look like any header."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.spans: list[HunkSpan] = []
        self.additions = self.deletions = 0
        self.parents = 1
        self.problem = ""
        self._lines = lines

    def read(self, at: int) -> int:
        """The index of the first line after the file's last hunk."""
        lines, end = self._lines, len(self._lines)
        while at < end:
            line = lines[at]
            if line.startswith("@@ "):
                found = _HUNK.match(line)
                at = self._plain(found, at) if found else self._bad(at, "a hunk's header cannot be read")
            elif line.startswith("@@@"):
                combined = _COMBINED.match(line)
                at = self._combined(combined, at) if combined else self._bad(at, "a hunk's header cannot be read")
            elif file_begins(lines, at):
                return at
            else:
                at += 1
        return at

    def _bad(self, at: int, problem: str) -> int:
        self.problem = self.problem or problem
        return at + 1

    def _plain(self, found: re.Match[str], at: int) -> int:
        lines, end = self._lines, len(self._lines)
        old = wanted_old = 1 if found[2] is None else int(found[2])
        new = wanted_new = 1 if found[4] is None else int(found[4])
        first, at = at, at + 1
        added = deleted = 0
        while (old > 0 or new > 0) and at < end:
            line = lines[at]
            mark = line[0] if line else " "
            if mark in {" ", "\r"}:
                old -= 1
                new -= 1
            elif mark == "+":
                new -= 1
                added += 1
            elif mark == "-":
                old -= 1
                deleted += 1
            elif mark != "\\":
                break
            at += 1
        if old < 0 or new < 0:
            return self._beyond(found, first)
        while at < end and lines[at].startswith("\\"):
            at += 1
        cut = old > 0 or new > 0
        self._add(HunkSpan(int(found[1]), wanted_old - old, int(found[3]), wanted_new - new, first, at, cut))
        self.additions += added
        self.deletions += deleted
        return at

    def _beyond(self, found: re.Match[str], first: int) -> int:
        """Read a hunk again if its lines exceed the ranges of its header: up to the first line that does."""
        old, new = (1 if length is None else int(length) for length in (found[2], found[4]))
        took = {"+": 0, "-": 0, " ": 0, "\\": 0}
        at = first + 1
        while at < len(self._lines):
            mark = (self._lines[at][:1] or " ").replace("\r", " ")
            if mark not in took or (mark in " -" and took["-"] + took[" "] == old) or (mark in " +" and took["+"] + took[" "] == new):
                break
            took[mark] += 1
            at += 1
        self._add(HunkSpan(int(found[1]), took[" "] + took["-"], int(found[3]), took[" "] + took["+"], first, at, True))
        self.additions += took["+"]
        self.deletions += took["-"]
        return at

    def _combined(self, found: re.Match[str], at: int) -> int:
        self.parents = parents = len(found[1]) - 1
        ranges = [part[1:].partition(",") for part in found[2].split()]
        if len(ranges) != parents:
            return self._bad(at, "a hunk's header cannot be read")
        olds = [int(length or 1) if comma else 1 for _, comma, length in ranges]
        new = 1 if found[4] is None else int(found[4])
        first, at, seen_new, seen_old = at, at + 1, 0, 0
        while at < len(self._lines) and (new > 0 or any(left > 0 for left in olds)):
            marks = self._lines[at][:parents].ljust(parents)
            if marks.strip("+- "):
                break
            gone = "-" in marks
            for parent, mark in enumerate(marks):
                olds[parent] -= mark == "-" if gone else mark == " "
            new -= not gone
            seen_new += not gone
            seen_old += marks[0] == "-" if gone else marks[0] == " "
            self.additions += not gone and marks[0] == "+"
            self.deletions += marks[0] == "-"
            at += 1
        self._add(HunkSpan(int(ranges[0][0]), seen_old, int(found[3]), seen_new, first, at, new > 0 or any(left > 0 for left in olds)))
        return at

    def _add(self, span: HunkSpan) -> None:
        if span.cut:
            self.problem = self.problem or "its diff is cut off"
        if span.last > span.first + 1:
            self.spans.append(span)


def first_parent(span: HunkSpan, lines: Sequence[str], parents: int) -> str:
    """A hunk of a combined diff, converted to a diff against the first parent."""
    section = lines[span.first].rpartition("@@@")[2]
    out = [f"@@ -{span.old_start},{span.old_count} +{span.new_start},{span.new_count} @@{section}"]
    for line in lines[span.first + 1 : span.last]:
        marks, text = line[:parents].ljust(parents), line[parents:]
        if line.startswith("\\"):
            out.append(line)
        elif "-" not in marks or marks[0] == "-":
            out.append(("-" if "-" in marks else "+" if marks[0] == "+" else " ") + text)
    return "\n".join(out)
