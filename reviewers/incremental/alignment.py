"""Maps the lines of a file between two heads: kept, replaced or gone."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from reviewers.context.diff import FileDiff, parse
from reviewers.context.snapshot import ChangedFile
from reviewers.values.finding import Side

_LARGEST = 40_000


class Alignment(NamedTuple):
    """New-side line numbers, 1-based: `kept` maps old to new ones, `replaced` maps a removed old line to the line now at its place."""

    kept: dict[int, int]
    replaced: dict[int, tuple[int, ...]]


def align(old: ChangedFile, new: ChangedFile) -> Alignment:
    """Compare the whole files if both are known, else the lines in the diffs; white space does not count."""
    before, after = _numbered(old), _numbered(new)
    if old.head is None or new.head is None or max(len(before), len(after)) > _LARGEST:
        before, after = _shown(old), _shown(new)
    kept: dict[int, int] = {}
    replaced: dict[int, tuple[int, ...]] = {}
    matcher = SequenceMatcher(None, [text for _, text in before], [text for _, text in after])
    for tag, first, last, start, end in matcher.get_opcodes():
        if tag == "equal":
            kept |= {before[first + step][0]: after[start + step][0] for step in range(last - first)}
        else:
            there = tuple(number for number, _ in after[start:end])
            replaced |= {number: there for number, _ in before[first:last]}
    return Alignment(kept, replaced)


def strip_spaces(text: str) -> str:
    """A line without its white space."""
    return " ".join(text.split())


def shown_lines(file: ChangedFile, side: Side = Side.RIGHT) -> dict[int, str]:
    """The lines of one side that the diff shows, by number; of the left side only deleted ones."""
    diff = _diff(file)
    rows = [row for hunk in diff.hunks for row in hunk.rows] if diff else []
    return {number: strip_spaces(row.text) for row in rows if (number := row.number(side)) is not None}


def _diff(file: ChangedFile) -> FileDiff | None:
    return parse(file.path, file.patch)


def _numbered(file: ChangedFile) -> Sequence[tuple[int, str]]:
    return [(number, strip_spaces(text)) for number, text in enumerate((file.head or "").split("\n"), 1)]


def _shown(file: ChangedFile) -> Sequence[tuple[int, str]]:
    return sorted(shown_lines(file).items())
