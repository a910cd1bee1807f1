"""A whole diff in one pass: whose file each section is, where its hunks lie, how many lines they add and delete."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reviewers.context.diff_header import Header, begins, read_header
from reviewers.context.snapshot import FileStatus

_HUNK = re.compile(r"@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@")
_COMBINED = re.compile(r"(@{3,33}) ((?:-\d{1,9}(?:,\d{1,9})? )+)\+(\d{1,9})(?:,(\d{1,9}))? @{3,33}")
_BINARY = ("Binary files ", "GIT binary patch")
_LINK, _MODULE = "120000", "160000"


class Span(NamedTuple):
    """One hunk: its ranges as far as its lines go (`cut` when its header promised others), and where its lines are, header first."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    first: int
    last: int
    cut: bool = False


@dataclass(frozen=True)
class IndexedFile:
    """One file of a diff. `problem` is "" or what of it could not be read; the other files are whole all the same."""

    path: str
    previous_path: str | None
    status: FileStatus
    additions: int = 0
    deletions: int = 0
    spans: tuple[Span, ...] = ()
    binary: bool = False
    old_mode: str = ""
    new_mode: str = ""
    parents: int = 1
    problem: str = ""

    @property
    def submodule(self) -> bool:
        """Whether it names a commit of another repository."""
        return _MODULE in (self.old_mode, self.new_mode)


@dataclass(frozen=True)
class DiffIndex:
    """The files of a diff in its order; texts are cut out of it only when they are asked for."""

    files: tuple[IndexedFile, ...]
    lines: Sequence[str] = field(repr=False)

    def patch(self, file: IndexedFile) -> str | None:
        """A file's hunks without its header, as GitHub's `patch` field has them; a combined diff is read against its first parent."""
        if not file.spans:
            return None
        if file.parents == 1:
            return "\n".join("\n".join(self.lines[span.first : span.last]) for span in file.spans)
        return "\n".join(_first_parent(span, self.lines, file.parents) for span in file.spans)


def index(diff: str) -> DiffIndex:
    """Index the output of `git diff` or GitHub's `.diff`; never raises, whatever the text is."""
    # Not splitlines(): git ends lines at \n alone, and U+2028 or \f stand inside them.
    lines = diff.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    files: list[IndexedFile] = []
    at, end = 0, len(lines)
    while at < end:
        if begins(lines, at):
            file, at = _file(lines, at)
            files.append(file)
        else:
            at += 1
    return DiffIndex(tuple(_joined(files)), lines)


def spans(patch: str) -> tuple[tuple[Span, ...], Sequence[str], str]:
    """The hunks of one header-less patch, its lines, and what could not be read of it."""
    lines = patch.removesuffix("\n").split("\n")
    found = _Hunks(lines)
    found.read(0)
    return tuple(found.spans), lines, found.problem


def _file(lines: Sequence[str], at: int) -> tuple[IndexedFile, int]:
    header, body = read_header(lines, at)
    hunks = _Hunks(lines)
    after = hunks.read(body)
    binary = body < len(lines) and lines[body].startswith(_BINARY)
    file = IndexedFile(
        path=header.path,
        previous_path=header.previous_path,
        status=_status(header),
        additions=hunks.additions,
        deletions=hunks.deletions,
        spans=tuple(hunks.spans),
        binary=binary and not hunks.spans,
        old_mode=header.old_mode,
        new_mode=header.new_mode,
        parents=hunks.parents,
        problem=header.problem or hunks.problem,
    )
    return file, after


class _Hunks:
    """The hunks from a line on: their lengths say where content ends, for content may look like any header."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.spans: list[Span] = []
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
            elif begins(lines, at):
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
        self._add(Span(int(found[1]), wanted_old - old, int(found[3]), wanted_new - new, first, at, cut))
        self.additions += added
        self.deletions += deleted
        return at

    def _beyond(self, found: re.Match[str], first: int) -> int:
        """Read a hunk again whose lines go beyond what its header promised: up to the first that does."""
        old, new = (1 if length is None else int(length) for length in (found[2], found[4]))
        took = {"+": 0, "-": 0, " ": 0, "\\": 0}
        at = first + 1
        while at < len(self._lines):
            mark = (self._lines[at][:1] or " ").replace("\r", " ")
            if mark not in took or (mark in " -" and took["-"] + took[" "] == old) or (mark in " +" and took["+"] + took[" "] == new):
                break
            took[mark] += 1
            at += 1
        self._add(Span(int(found[1]), took[" "] + took["-"], int(found[3]), took[" "] + took["+"], first, at, True))
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
        self._add(Span(int(ranges[0][0]), seen_old, int(found[3]), seen_new, first, at, new > 0 or any(left > 0 for left in olds)))
        return at

    def _add(self, span: Span) -> None:
        if span.cut:
            self.problem = self.problem or "its diff is cut off"
        if span.last > span.first + 1:
            self.spans.append(span)


def _first_parent(span: Span, lines: Sequence[str], parents: int) -> str:
    section = lines[span.first].rpartition("@@@")[2]
    out = [f"@@ -{span.old_start},{span.old_count} +{span.new_start},{span.new_count} @@{section}"]
    for line in lines[span.first + 1 : span.last]:
        marks, text = line[:parents].ljust(parents), line[parents:]
        if line.startswith("\\"):
            out.append(line)
        elif "-" not in marks or marks[0] == "-":
            out.append(("-" if "-" in marks else "+" if marks[0] == "+" else " ") + text)
    return "\n".join(out)


def _status(header: Header) -> FileStatus:
    if header.status is FileStatus.MODIFIED and header.old_mode != header.new_mode and header.mode_only:
        return FileStatus.CHANGED
    return header.status


def _joined(files: Sequence[IndexedFile]) -> list[IndexedFile]:
    """A file that became a link (or the other way) is printed as two sections, and is one file."""
    out: list[IndexedFile] = []
    for file in files:
        before = out[-1] if out else None
        if before is not None and before.path == file.path and before.status is FileStatus.REMOVED and file.status is FileStatus.ADDED:
            out[-1] = IndexedFile(
                path=file.path,
                previous_path=None,
                status=FileStatus.CHANGED,
                additions=before.additions + file.additions,
                deletions=before.deletions + file.deletions,
                spans=before.spans + file.spans,
                binary=before.binary or file.binary,
                old_mode=before.old_mode,
                new_mode=file.new_mode,
                problem=before.problem or file.problem,
            )
        else:
            out.append(file)
    return out
