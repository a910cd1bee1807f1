"""Cuts the diffs of a change into pieces that fit into a prompt, in order of worth."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from reviewers.context.code_names import is_code_name
from reviewers.context.diff import FileDiff, Hunk, parse, render
from reviewers.context.languages import code_language_of
from reviewers.context.long_lines import clip_rows
from reviewers.context.prompt_blocks import FenceTags
from reviewers.context.reviewable import is_unchanged
from reviewers.context.snapshot import ChangedFile
from reviewers.context.tokens import count

_TESTS = re.compile(r"(?:^|/)(?:tests?|specs?|__tests__|testdata|fixtures)/|(?:^|/)test_[^/]*$|[._-](?:test|spec)s?\.[a-z]+$", re.I)
_PROSE = re.compile(r"\.(?:md|rst|txt|adoc|po|svg|csv)$", re.I)
# A longer line is data; what fits into no prompt is left out and named.
_SLACK = 2


class DiffChunk(NamedTuple):
    """Some hunks of a file, or all of them (`whole`), as the text of a block with its token cost."""

    file: ChangedFile
    text: str
    cost: int
    whole: bool
    hunks: tuple[Hunk, ...]


def file_priority(file: ChangedFile) -> int:
    """How much a reviewer needs a file, 0 the most: code, then settings and scripts, then tests, then prose and data."""
    if _PROSE.search(file.path) and not is_code_name(file.path):
        return 3
    if _TESTS.search(file.path):
        return 2
    return 0 if code_language_of(file.path) or is_code_name(file.path) else 1


def pieces(files: Sequence[ChangedFile], tags: FenceTags, room: int, most: int) -> Iterator[DiffChunk]:
    """Every file's diff as one piece if it fits into `room` tokens, else in pieces, cut between hunks, and a long hunk between lines.

    A file gets at most `most` pieces, because more would not fit into that many parts.
    """
    for file in files:
        diff = parse(file.path, file.patch)
        if diff is None or is_unchanged(file):
            continue
        whole = _piece(file, diff.hunks, tags, whole=True)
        if whole.cost <= room:
            yield whole
        else:
            yield from islice(_cut(file, diff, tags, room), most)


def _piece(file: ChangedFile, hunks: tuple[Hunk, ...], tags: FenceTags, *, whole: bool) -> DiffChunk:
    attributes = {"path": file.path, "status": str(file.status)} | ({} if whole else {"part": "not the whole diff of this file"})
    if file.previous_path:
        attributes["previously"] = file.previous_path
    if file.cells:
        attributes["cells"] = file.cells
    if file.mode_change:
        attributes["mode"] = file.mode_change
    text = tags.block("diff", _render(hunks), **attributes)
    return DiffChunk(file, text, count(text) + _SLACK, whole, hunks)


def _cut(file: ChangedFile, diff: FileDiff, tags: FenceTags, room: int) -> Iterator[DiffChunk]:
    frame = _piece(file, (), tags, whole=False).cost + 16
    held: list[Hunk] = []
    used = frame
    for hunk in (part for each in diff.hunks for part in _shortened(each, room - frame)):
        cost = _cost(hunk)
        if held and used + cost > room:
            yield _piece(file, tuple(held), tags, whole=False)
            held, used = [], frame
        held.append(hunk)
        used += cost
    if held:
        yield _piece(file, tuple(held), tags, whole=False)


def _shortened(hunk: Hunk, room: int) -> Iterator[Hunk]:
    """A hunk in as many parts as needed; the line numbers stay."""
    if _cost(hunk) <= room:
        yield hunk
        return
    start = used = 0
    for at, row in enumerate(clip_rows(hunk.rows)):
        cost = count(row.text) + 6
        if at > start and used + cost > room - 24:
            yield hunk._replace(rows=hunk.rows[start:at])
            start, used = at, 0
        used += cost
    yield hunk._replace(rows=hunk.rows[start:])


def _cost(hunk: Hunk) -> int:
    return count(_render((hunk,))) + 1


def _render(hunks: Sequence[Hunk]) -> str:
    """The hunks as a model reads them. A clipped line counts as shown."""
    return render(FileDiff("", tuple(hunk._replace(rows=clip_rows(hunk.rows)) for hunk in hunks)))
