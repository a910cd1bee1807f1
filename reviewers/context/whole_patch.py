"""Reduces a git patch of many files to its changed lines, to compare whether two patches are the same change."""

import re
from collections.abc import Iterator

Change = tuple[str, str]
_FILE = re.compile(r"diff --git (.+)")
_HUNK = re.compile(r"@@ -\d{1,9}(?:,(\d{1,9}))? \+\d{1,9}(?:,(\d{1,9}))? @@")


def changed_lines(text: str) -> dict[str, tuple[Change, ...]] | None:
    """By the header of each file its added and deleted lines in order; None if a hunk is shorter or longer than its header says.

    Context, line numbers, modes and abbreviated ids are ignored, because they differ with git's settings.
    """
    changes: dict[str, list[Change]] = {}
    rows = iter(text.split("\n"))
    current: list[Change] | None = None
    for row in rows:
        if header := _FILE.match(row):
            current = changes.setdefault(header[1], [])
        elif hunk := _HUNK.match(row):
            found = _hunk_lines(rows, int(hunk[1] or 1), int(hunk[2] or 1))
            if current is None or found is None:
                return None
            current += found
    return {name: tuple(lines) for name, lines in changes.items()}


def _hunk_lines(rows: Iterator[str], old: int, new: int) -> list[Change] | None:
    """The changed lines of a hunk with `old` lines of the old side and `new` of the new one; None if it ends sooner."""
    lines: list[Change] = []
    while old > 0 or new > 0:
        row = next(rows, None)
        if row is None:
            return None
        mark, text = row[:1] or " ", row[1:].removesuffix("\r")
        if mark not in {" ", "+", "-", "\\"}:
            return None
        old -= mark in {" ", "-"}
        new -= mark in {" ", "+"}
        if mark in {"+", "-"}:
            lines.append((mark, text))
    return lines
