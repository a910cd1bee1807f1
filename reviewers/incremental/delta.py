"""Finds what is new in a change since the last review, by content, so that a rebase, a merge or a force-push is like any push."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from reviewers.context.diff import parse
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.incremental.alignment import Alignment, align, shown_lines
from reviewers.values.finding import Location, Side

# A moved line is recognized by its content if that is long enough.
_TELLING = 8
_NOTHING: frozenset[int] = frozenset()
_HUNK = re.compile(r"^@@ ", re.M)


@dataclass(frozen=True)
class Delta:
    """By path: lines of the new side, and deleted lines of the old side, that the last review did not see; and where lines moved."""

    added: dict[str, frozenset[int]]
    deleted: dict[str, frozenset[int]]
    alignments: dict[str, Alignment] = field(default_factory=dict)
    origin: dict[str, str] = field(default_factory=dict)

    def touches(self, location: Location) -> bool:
        """Whether a place contains anything new; a whole file does if any of it is new."""
        path = location.path or ""
        fresh = (self.deleted if location.side is Side.LEFT else self.added).get(path, _NOTHING)
        if location.path is None or location.line is None:
            return bool(self.added.get(path) or self.deleted.get(path))
        return any(number in fresh for number in range(location.start_line or location.line, location.line + 1))

    @property
    def is_empty(self) -> bool:
        return not any(self.added.values()) and not any(self.deleted.values())


def find_delta(before: Snapshot, now: Snapshot) -> Delta:
    """What `now` shows and `before` did not."""
    pairs = list(_pairs(before, now))
    alignments = {new.path: align(old, new) for old, new in pairs if old is not None}
    gone: Counter[str] = Counter()
    fresh: dict[str, dict[int, str]] = {}
    for old, new in pairs:
        lines = shown_lines(new)
        if old is None:
            fresh[new.path] = lines
            continue
        kept, seen = alignments[new.path].kept, shown_lines(old)
        known = {kept[number] for number in seen if number in kept}
        fresh[new.path] = {number: text for number, text in lines.items() if number not in known}
        gone.update(text for number, text in seen.items() if kept.get(number) not in lines)
    paired = {old.path for old, _ in pairs if old is not None}
    gone.update(text for file in before.files if file.path not in paired for text in shown_lines(file).values())
    added = {path: _unmoved(lines, gone) for path, lines in fresh.items()}
    deleted = {new.path: _deleted(old, new) for old, new in pairs}
    return Delta(added, deleted, alignments, {new.path: old.path for old, new in pairs if old is not None})


def narrow_snapshot(now: Snapshot, new: Delta) -> Snapshot:
    """The snapshot with only the hunks that contain something new."""
    files = (_narrowed(file, new) for file in now.files)
    return now.model_copy(update={"files": tuple(file for file in files if file is not None)})


def _narrowed(file: ChangedFile, new: Delta) -> ChangedFile | None:
    added, deleted = new.added.get(file.path, _NOTHING), new.deleted.get(file.path, _NOTHING)
    diff = parse(file.path, file.patch)
    if diff is None:
        # A file without a diff is reviewed again only if its counts changed.
        return file if file.path not in new.origin else None
    if not added and not deleted:
        return None
    texts = [f"@@ {text}" for text in _HUNK.split(file.patch or "")[1:]]
    if len(texts) != len(diff.hunks):
        return file
    kept = [
        text.rstrip("\n")
        for text, hunk in zip(texts, diff.hunks, strict=True)
        if any(row.new in added or (row.mark == "-" and row.old in deleted) for row in hunk.rows)
    ]
    return file.model_copy(update={"patch": "\n".join(kept)})


def _pairs(before: Snapshot, now: Snapshot) -> Iterator[tuple[ChangedFile | None, ChangedFile]]:
    """Each current file with its earlier version: by its path, or by the path it had in either change."""
    old = {file.path: file for file in before.files}
    origins = {file.previous_path: file for file in before.files if file.previous_path}
    for file in now.files:
        yield old.get(file.path) or old.get(file.previous_path or "") or origins.get(file.path), file


def _unmoved(lines: dict[int, str], gone: Counter[str]) -> frozenset[int]:
    """The lines that were not shown elsewhere before; each line that went away can come back once. Blank lines follow their neighbors."""
    fresh = set()
    for number, text in sorted(lines.items()):
        if len(text) >= _TELLING and gone[text] > 0:
            gone[text] -= 1
        elif text:
            fresh.add(number)
    telling = {number for number in fresh if len(lines[number]) >= _TELLING}
    # A short line, such as a bracket, is new if a line next to it is.
    return frozenset(number for number in fresh if number in telling or _beside(number, lines, telling))


def _beside(number: int, lines: dict[int, str], telling: set[int]) -> bool:
    return any(near in telling for near in (number - 1, number + 1)) or not any(near in lines for near in (number - 1, number + 1))


def _deleted(old: ChangedFile | None, new: ChangedFile) -> frozenset[int]:
    had = Counter(shown_lines(old, Side.LEFT).values()) if old is not None else Counter()
    fresh = set()
    for number, text in sorted(shown_lines(new, Side.LEFT).items()):
        if had[text] > 0:
            had[text] -= 1
        elif text:
            fresh.add(number)
    return frozenset(fresh)
