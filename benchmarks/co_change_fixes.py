"""Finds commits that a later fix names as its cause: given the cause, find what the fix touched in other files."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.co_change import Blobs, Lines, changed_files, is_source
from benchmarks.history import History
from reviewers.context.diff_index import index as read_diff
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.snapshot import ChangedFile

_CAUSE = re.compile(r"^(?:Fixes|Fix|Caused-by|Regression-in)\s*:?\s+([0-9a-f]{7,40})\b|This reverts commit ([0-9a-f]{7,40})", re.I | re.M)
_MOST_FILES = 12


@dataclass(frozen=True)
class FixCase:
    """The causing commit's files, the index after it, and the lines that the fix changed in other files, as they were before."""

    files: tuple[ChangedFile, ...]
    index: RepositoryIndex
    texts: Mapping[str, str] = field(repr=False)
    truth: Lines


def fixes(history: History, most_commits: int, most_cases: int) -> Iterator[FixCase]:
    """The newest of them; a fix is compared with its own parent, because lines move between the two."""
    blobs, count = Blobs(history), 0
    rows = history.git("log", "--no-merges", "-z", "--format=%H %P%n%B", "-n", str(most_commits)).decode("utf-8", "replace").split("\0")
    parents = {row.split("\n", 1)[0].split(" ")[0]: row.split("\n", 1)[0].split(" ")[1:] for row in rows}
    for row in rows:
        first, _, message = row.partition("\n")
        fix, _, before = first.strip().partition(" ")
        named = _CAUSE.search(message)
        if named is None or not before or count >= most_cases:
            continue
        cause = next((sha for sha in parents if sha.startswith(named[1] or named[2])), "")
        if cause and parents[cause] and (case := _case(history, blobs, (parents[cause][0], cause), (before, fix))) is not None:
            count += 1
            yield case


def _case(history: History, blobs: Blobs, cause: tuple[str, str], fix: tuple[str, str]) -> FixCase | None:
    changes = read_diff(history.diff(*cause).decode("utf-8", "replace"))
    own = {path for file in changes.files for path in (file.path, file.previous_path) if path}
    names = history.git("diff", "--no-renames", "--name-only", "-z", *fix).decode("utf-8", "replace").split("\0")[:-1]
    outside = [path for path in names if path not in own and is_source(path)]
    if not outside or len(outside) > _MOST_FILES or not any(is_source(path) for path in own) or len(own) > _MOST_FILES:
        return None
    index, texts = blobs.index(fix[0])
    truth: dict[str, frozenset[int]] = {}
    for change in changed_files(history, *fix, outside):
        if change.path in texts:
            truth[change.path] = frozenset().union(*(lines for lines, _ in change.hunks))
    files = tuple(
        ChangedFile(path=file.path, status=file.status, patch=changes.patch(file), head=texts.get(file.path)) for file in changes.files
    )
    return FixCase(files, index, texts, truth) if truth else None
