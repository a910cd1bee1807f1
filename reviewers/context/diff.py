"""A header-less GitHub patch as hunks and rows, and a patch from two contents where GitHub withheld it."""

import difflib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as Parsed
from unidiff.patch import PatchSet

from reviewers.context.diff_hunks import Span, spans
from reviewers.context.invisible import visible
from reviewers.finding import Side
from reviewers.text_cache import text_cache


class Row(NamedTuple):
    """One line of a hunk: `mark` is " ", "+" or "-"; a side it does not stand on has no number."""

    mark: str
    old: int | None
    new: int | None
    text: str

    def number(self, side: Side) -> int | None:
        """Its line number on a side; a line that both sides have is counted on the RIGHT only."""
        if side is Side.RIGHT:
            return self.new
        return self.old if self.mark == "-" else None


class Hunk(NamedTuple):
    """A run of rows; both ends of a comment must lie in one of them."""

    section: str
    old_start: int
    new_start: int
    rows: tuple[Row, ...]


class FileDiff(NamedTuple):
    """One file's hunks; `problem` is "" or what of its patch could not be read."""

    path: str
    hunks: tuple[Hunk, ...]
    problem: str = ""

    def added(self) -> frozenset[int]:
        """Numbers of the lines this change added."""
        return frozenset(row.new for row in self._rows() if row.mark == "+" and row.new is not None)

    def commentable(self, side: Side) -> frozenset[int]:
        """Numbers of the lines of one side on which GitHub accepts a comment."""
        if side is Side.RIGHT:
            return frozenset(row.new for row in self._rows() if row.new is not None)
        return frozenset(row.old for row in self._rows() if row.old is not None)

    def row_at(self, line: int, side: Side = Side.RIGHT) -> Row | None:
        """The row with that number, or None when the diff does not show it."""
        return next((row for row in self._rows() if row.number(side) == line), None)

    def _rows(self) -> Iterator[Row]:
        return (row for hunk in self.hunks for row in hunk.rows)


# Rows take about ten times the memory of their text.
@text_cache(2_000_000, lambda path, patch: len(path) + len(patch or ""))
def parse(path: str, patch: str | None) -> FileDiff | None:
    """The hunks of one file's patch; None when there is none or nothing of it can be read, which costs this file only.

    A hunk that is cut off keeps the rows it has, one that cannot be read is left out; `problem` says so.
    """
    if not patch:
        return None
    found, lines, problem = spans(patch)
    hunks: list[Hunk] = []
    for span in found:
        try:
            hunks.append(_hunk(_parsed(span, lines)))
        except UnidiffParseError:
            problem = problem or "a hunk cannot be read"
    return FileDiff(path, tuple(hunks), problem) if hunks else None


def _parsed(span: Span, lines: Sequence[str]) -> Parsed:
    section = lines[span.first].partition("@@ -")[2].partition(" @@")[2]
    header = f"@@ -{span.old_start},{span.old_count} +{span.new_start},{span.new_count} @@{section}\n"
    rows = (f"{line}\n" for line in lines[span.first + 1 : span.last])
    # A file of its own for each hunk: what is wrong with one must not cost the next.
    files = PatchSet(["--- a/file\n", "+++ b/file\n", header, *rows])
    if len(files) != 1 or len(files[0]) != 1:
        raise UnidiffParseError("not one hunk")
    return files[0][0]


def _hunk(hunk: Parsed) -> Hunk:
    rows = tuple(
        Row(line.line_type, line.source_line_no, line.target_line_no, line.value.removesuffix("\n").removesuffix("\r"))
        for line in hunk
        if line.line_type in ("+", "-", " ")
    )
    return Hunk(hunk.section_header.strip(), hunk.source_start, hunk.target_start, rows)


def render(diff: FileDiff) -> str:
    """Hunks as a model reads them: the new side's numbers, then the mark, then the line."""
    parts: list[str] = []
    for hunk in diff.hunks:
        parts.append(f"@@ {visible(hunk.section)}".rstrip())
        parts.extend(f"{'' if row.new is None else row.new:>6} {row.mark} {visible(row.text)}".rstrip() for row in hunk.rows)
    return "\n".join(parts)


def build_patch(base: str | None, head: str | None, context: int = 3) -> str | None:
    """What GitHub's `/files` would have given for these two contents, or None when they are equal."""
    old, new = _lines(base), _lines(head)
    parts: list[str] = []
    for line in list(difflib.unified_diff(old, new, n=context, lineterm=""))[2:]:
        if line.startswith("@@"):
            parts.append(line)
        elif line.endswith("\n"):
            parts.append(line[:-1])
        else:
            parts.extend((line, "\\ No newline at end of file"))
    return "\n".join(parts) or None


def _lines(text: str | None) -> list[str]:
    """Lines that end where git ends them: a form feed or U+2028 is a character like any other."""
    if not text:
        return []
    *whole, rest = text.split("\n")
    return [f"{line}\n" for line in whole] + ([rest] if rest else [])
