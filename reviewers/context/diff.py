"""A header-less GitHub patch as hunks and rows, and a patch from two contents where GitHub withheld it."""

import difflib
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk as Parsed
from unidiff.patch import PatchSet

from reviewers.context.invisible import visible
from reviewers.finding import Side


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
    path: str
    hunks: tuple[Hunk, ...]

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


@lru_cache(maxsize=2_048)
def parse(path: str, patch: str | None) -> FileDiff | None:
    """The hunks of one file's patch; None when there is none or it cannot be read, which costs this file only."""
    if not patch:
        return None
    lines = ["--- a/file\n", "+++ b/file\n", *(f"{line}\n" for line in patch.removesuffix("\n").split("\n"))]
    try:
        files = PatchSet(lines)
    except UnidiffParseError:
        return None
    if len(files) != 1 or not files[0]:
        return None
    return FileDiff(path, tuple(_hunk(hunk) for hunk in files[0]))


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
