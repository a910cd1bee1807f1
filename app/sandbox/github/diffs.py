"""Computes the changes between two trees as GitHub lists them: files, hunks and the lines that accept comments."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.sandbox.github.git import Files, blob_sha, is_binary

CONTEXT = 3
PATCH_LINES = 20_000
PATCH_BYTES = 1_000_000
SECTION = re.compile(r"[A-Za-z_$]")


@dataclass(frozen=True)
class DiffHunk:
    """A run of changed lines with their context. Each line begins with its sign."""

    old_start: int
    old_count: int
    new_start: int
    new_count: int
    section: str
    lines: tuple[str, ...]

    @property
    def header(self) -> str:
        """The `@@` line."""
        old = f"{self.old_start},{self.old_count}" if self.old_count != 1 else f"{self.old_start}"
        new = f"{self.new_start},{self.new_count}" if self.new_count != 1 else f"{self.new_start}"
        return f"@@ -{old} +{new} @@" + (f" {self.section}" if self.section else "")

    def numbered(self) -> Iterator[tuple[int | None, int | None, str]]:
        """Each line with its old and new number."""
        old, new = self.old_start, self.new_start
        for line in self.lines:
            sign = line[0]
            if sign == "\\":
                continue
            yield (None if sign == "+" else old), (None if sign == "-" else new), line
            old += sign != "+"
            new += sign != "-"

    def holds(self, line: int, side: str) -> bool:
        """Whether a comment is allowed on that line of that side."""
        return any((new if side == "RIGHT" else old) == line for old, new, _ in self.numbered())


@dataclass(frozen=True)
class FileChange:
    """One changed file."""

    path: str
    status: str
    sha: str
    hunks: tuple[DiffHunk, ...] = ()
    previous_path: str | None = None
    binary: bool = False

    @property
    def additions(self) -> int:
        return sum(line[0] == "+" for hunk in self.hunks for line in hunk.lines)

    @property
    def deletions(self) -> int:
        return sum(line[0] == "-" for hunk in self.hunks for line in hunk.lines)

    @property
    def text(self) -> str:
        """The hunks as unified diff, without a file header."""
        return "\n".join("\n".join((hunk.header, *hunk.lines)) for hunk in self.hunks)

    @property
    def patch(self) -> str | None:
        """The patch in `/files`: none for binary files, pure renames and very long changes."""
        if self.binary or not self.hunks or self.additions + self.deletions > PATCH_LINES:
            return None
        text = self.text
        return text if len(text) <= PATCH_BYTES else None

    def hunk_at(self, line: int, side: str) -> DiffHunk | None:
        """The hunk that contains a line."""
        return next((hunk for hunk in self.hunks if hunk.holds(line, side)), None)

    @property
    def unified(self) -> str:
        """The file's part of a `.diff` answer."""
        old = self.previous_path or self.path
        head = [f"diff --git a/{old} b/{self.path}"]
        if self.status == "added":
            head.append("new file mode 100644")
        if self.status == "removed":
            head.append("deleted file mode 100644")
        if self.previous_path:
            head += [f"rename from {old}", f"rename to {self.path}"]
        if self.binary:
            return "\n".join([*head, f"Binary files a/{old} and b/{self.path} differ", ""])
        if self.hunks:
            head.append("--- /dev/null" if self.status == "added" else f"--- a/{old}")
            head.append("+++ /dev/null" if self.status == "removed" else f"+++ b/{self.path}")
            head.append(self.text)
        return "\n".join([*head, ""])


def _lines(content: bytes) -> list[str]:
    text = content.decode("utf-8", "replace")
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []


def _section(lines: list[str], before: int) -> str:
    return next((line.rstrip()[:80] for line in reversed(lines[:before]) if SECTION.match(line)), "")


def hunks_between(base: bytes, head: bytes) -> tuple[DiffHunk, ...]:
    """The hunks that turn one content into another."""
    old, new = _lines(base), _lines(head)
    unfinished = "\\ No newline at end of file"
    old_open, new_open = bool(base) and not base.endswith(b"\n"), bool(head) and not head.endswith(b"\n")
    # A last line that only gained or lost its newline is a change, so it must not compare equal.
    left = [*old[:-1], old[-1] + "\n\\"] if old_open else old
    right = [*new[:-1], new[-1] + "\n\\"] if new_open else new
    hunks = []
    for group in SequenceMatcher(None, left, right).get_grouped_opcodes(CONTEXT):
        lines: list[str] = []
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                lines += [f" {line}" for line in left[i1:i2]]
                continue
            lines += [f"-{line}" for line in left[i1:i2]]
            lines += [f"+{line}" for line in right[j1:j2]]
        split = [part for line in lines for part in ((line[:-2], unfinished) if line.endswith("\n\\") else (line,))]
        start, end = group[0], group[-1]
        counts = (end[2] - start[1], end[4] - start[3])
        hunks.append(
            DiffHunk(start[1] + bool(counts[0]), counts[0], start[3] + bool(counts[1]), counts[1], _section(old, start[1]), tuple(split))
        )
    return tuple(hunks)


def compare(base: Files, head: Files) -> list[FileChange]:
    """The changed files, sorted by path. Exact and near renames are recognized."""
    gone = {path: base[path] for path in base if path not in head}
    come = {path: head[path] for path in head if path not in base}
    changes = []
    for path in sorted(come):
        origin = next((old for old, content in gone.items() if _alike(content, come[path])), None)
        if origin:
            changes.append(_change(path, "renamed", (gone.pop(origin), come[path]), origin))
        else:
            changes.append(_change(path, "added", (b"", come[path])))
    changes += [_change(path, "removed", (content, b"")) for path, content in gone.items()]
    changes += [_change(path, "modified", (base[path], head[path])) for path in base.keys() & head.keys() if base[path] != head[path]]
    return sorted(changes, key=lambda change: change.path)


def _change(path: str, status: str, contents: tuple[bytes, bytes], previous: str | None = None) -> FileChange:
    base, head = contents
    binary = is_binary(base) or is_binary(head)
    hunks = () if binary else hunks_between(base, head)
    return FileChange(path, status, blob_sha(base if status == "removed" else head), hunks, previous, binary)


def _alike(first: bytes, second: bytes) -> bool:
    if first == second:
        return bool(first)
    if is_binary(first) or is_binary(second) or not first or not second or not 0.5 < len(first) / len(second) < 2:
        return False
    return SequenceMatcher(None, _lines(first), _lines(second)).ratio() > 0.5


def moved_line(base: bytes, head: bytes, line: int) -> int | None:
    """The new number of an unchanged line, or None if it was changed."""
    for tag, i1, i2, j1, _ in SequenceMatcher(None, _lines(base), _lines(head)).get_opcodes():
        if tag == "equal" and i1 < line <= i2:
            return j1 + line - i1
    return None
