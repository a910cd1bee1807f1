"""Parses a header-less GitHub patch into hunks and rows, and builds a patch from two contents if GitHub withholds it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as Parsed
from unidiff.patch import PatchSet

from reviewers.context.diff_hunks import HunkSpan, find_hunks
from reviewers.context.hidden_characters import show_hidden
from reviewers.text_cache import text_cache
from reviewers.values.finding import Side


class Row(NamedTuple):
    """One line of a hunk: `mark` is " ", "+" or "-"; the number is None on a side without the line."""

    mark: str
    old: int | None
    new: int | None
    text: str

    def number(self, side: Side) -> int | None:
        """Its line number on a side; a line that both sides have counts on the RIGHT only."""
        if side is Side.RIGHT:
            return self.new
        return self.old if self.mark == "-" else None


class Hunk(NamedTuple):
    """A run of rows. Both ends of a comment must lie in one hunk."""

    section: str
    old_start: int
    new_start: int
    rows: tuple[Row, ...]


class FileDiff(NamedTuple):
    """One file's hunks; `problem` says which part of its patch could not be read, or is ""."""

    path: str
    hunks: tuple[Hunk, ...]
    problem: str = ""

    def added(self) -> frozenset[int]:
        """The numbers of the lines that this change added."""
        return frozenset(row.new for row in self._rows() if row.mark == "+" and row.new is not None)

    def commentable(self, side: Side) -> frozenset[int]:
        """The numbers of the lines of one side on which GitHub accepts a comment."""
        if side is Side.RIGHT:
            return frozenset(row.new for row in self._rows() if row.new is not None)
        return frozenset(row.old for row in self._rows() if row.old is not None)

    def row_at(self, line: int, side: Side = Side.RIGHT) -> Row | None:
        """The row with that number, or None if the diff does not show it."""
        return next((row for row in self._rows() if row.number(side) == line), None)

    def _rows(self) -> Iterator[Row]:
        return (row for hunk in self.hunks for row in hunk.rows)


# Rows take about ten times the memory of their text.
@text_cache(2_000_000, lambda path, patch: len(path) + len(patch or ""))
def parse(path: str, patch: str | None) -> FileDiff | None:
    """The hunks of one file's patch; None without a patch, or if nothing of it can be read. Other files are not affected.

    A hunk that is cut off keeps the rows it has; one that cannot be read is left out. `problem` says so.
    """
    if not patch:
        return None
    found, lines, problem = find_hunks(patch)
    hunks: list[Hunk] = []
    for span in found:
        try:
            hunks.append(_hunk(_parsed(span, lines)))
        except UnidiffParseError:
            problem = problem or "a hunk cannot be read"
    return FileDiff(path, tuple(hunks), problem) if hunks else None


def _parsed(span: HunkSpan, lines: Sequence[str]) -> Parsed:
    section = lines[span.first].partition("@@ -")[2].partition(" @@")[2]
    header = f"@@ -{span.old_start},{span.old_count} +{span.new_start},{span.new_count} @@{section}\n"
    rows = (f"{line}\n" for line in lines[span.first + 1 : span.last])
    # Parse each hunk as a separate file, so that an error in one does not lose the next.
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
    """Hunks as a model reads them: line numbers of the new side, then the mark, then the line."""
    parts: list[str] = []
    for hunk in diff.hunks:
        parts.append(f"@@ {show_hidden(hunk.section)}".rstrip())
        parts.extend(f"{'' if row.new is None else row.new:>6} {row.mark} {show_hidden(row.text)}".rstrip() for row in hunk.rows)
    return "\n".join(parts)
