"""Change here how a changed notebook is shown: source cells at their lines in the file, outputs by name only."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import NamedTuple

from reviewers.context.diff import Row, parse
from reviewers.context.notebooks.cell_lines import CellLine, CellPart, Notebook, is_notebook, read_notebook
from reviewers.context.snapshot import ChangedFile

ONLY_OUTPUTS = "only outputs, counters or metadata of its cells changed"
_SHOWN = (CellPart.SOURCE, CellPart.KIND)
_MOST_COMPARED, _MOST_NAMED = 2_000, 12


class _Shown(NamedTuple):
    """A row of the diff with the notebook line that it shows, and the cell's name."""

    row: Row
    line: CellLine
    name: str


def show_cells(files: Sequence[ChangedFile]) -> tuple[ChangedFile, ...]:
    """The files; a notebook shows its source instead of its JSON, at the same line numbers.

    A notebook that cannot be read on both sides stays as it is. Quotes of cells match lines that take comments, because every
    remaining row is a row of GitHub's diff.
    """
    return tuple(_cells(file) if is_notebook(file.path) else file for file in files)


def _cells(file: ChangedFile) -> ChangedFile:
    diff = parse(file.path, file.patch)
    head = read_notebook(file.head) if file.head is not None else None
    base = read_notebook(file.base) if file.base is not None else None
    if diff is None or diff.problem or (head is None) != (file.head is None) or (base is None) != (file.base is None):
        return file
    try:
        hunks = [[_shown(row, base, head) for row in hunk.rows] for hunk in diff.hunks]
    except IndexError:
        return file
    patch = "\n".join(part for hunk in hunks for part in _parts(hunk))
    changed = [shown for hunk in hunks for shown in hunk if shown.row.mark != " "]
    texts = {"base": base.text if base else None, "head": head.text if head else None, "cells": _named(changed, base, head)}
    return file.model_copy(update={**texts, "patch": patch or None, "unseen": "" if patch else ONLY_OUTPUTS})


def _shown(row: Row, base: Notebook | None, head: Notebook | None) -> _Shown:
    notebook, number = (base, row.old) if row.mark == "-" else (head, row.new)
    if notebook is None or number is None or number > len(notebook.lines):
        raise IndexError(f"line {number} is in no notebook")
    line = notebook.lines[number - 1]
    return _Shown(row._replace(text=line.text), line, notebook.name(line.cell))


def _parts(hunk: Sequence[_Shown]) -> Iterator[str]:
    """The runs of source in a hunk, each as a separate hunk under the name of its cell, without runs that have no change."""
    # git's form of an empty side: the line before, and no lines.
    old_at, new_at = max(0, (hunk[0].row.old or 1) - 1), max(0, (hunk[0].row.new or 1) - 1)
    for is_source, group in groupby(_realigned(hunk), key=lambda shown: shown.line.part in _SHOWN):
        run = list(group)
        rows = [shown.row for shown in run]
        old, new = [row.old for row in rows if row.old is not None], [row.new for row in rows if row.new is not None]
        if is_source and any(row.mark != " " for row in rows):
            header = f"@@ -{old[0] if old else old_at},{len(old)} +{new[0] if new else new_at},{len(new)} @@ {run[0].name}"
            yield "\n".join([header, *(f"{row.mark}{row.text}" for row in rows)])
        old_at, new_at = old[-1] if old else old_at, new[-1] if new else new_at


def _realigned(hunk: Sequence[_Shown]) -> Iterator[_Shown]:
    """The rows; lines that differ only in their JSON, such as a comma after the last one, are no change."""
    for is_change, group in groupby(hunk, key=lambda shown: shown.row.mark != " "):
        rows = list(group)
        old, new = [shown for shown in rows if shown.row.mark == "-"], [shown for shown in rows if shown.row.mark == "+"]
        if not is_change or not old or not new or len(rows) > _MOST_COMPARED:
            yield from rows
            continue
        matcher = SequenceMatcher(None, [_content(shown) for shown in old], [_content(shown) for shown in new], autojunk=False)
        for kind, first, last, start, stop in matcher.get_opcodes():
            if kind != "equal":
                yield from (*old[first:last], *new[start:stop])
                continue
            for before, after in zip(old[first:last], new[start:stop], strict=True):
                yield after._replace(row=Row(" ", before.row.old, after.row.new, after.row.text))


def _content(shown: _Shown) -> tuple[CellPart, str]:
    return (shown.line.part, shown.row.text)


def _named(changed: Iterable[_Shown], base: Notebook | None, head: Notebook | None) -> str:
    """Which cells' outputs changed, and their new kinds; "" if none changed."""
    names = dict.fromkeys((shown.row.mark, shown.line.cell) for shown in changed if shown.line.part is CellPart.OUTPUTS)
    now = [cell for mark, cell in names if mark == "+"]
    if head is None or not now:
        return "outputs removed" if base is not None and names else ""
    said = [f"{cell} ({', '.join(head.outputs[cell - 1][:3]) or 'none'})" for cell in now[:_MOST_NAMED] if cell]
    more = f" and {len(now) - len(said)} more" if len(now) > len(said) else ""
    return f"outputs changed in {'cell' if len(now) == 1 else 'cells'} {', '.join(said)}{more}; only source is shown"
