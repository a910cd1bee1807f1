"""Selects the places named by a log that lie in the change."""

from collections.abc import Iterable, Mapping

from reviewers.context.ci_log.references import Reference, same_file
from reviewers.context.diff import parse
from reviewers.context.snapshot import ChangedFile, LogReference
from reviewers.values.finding import Side

MOST = 12


def references_to_changes(
    references: Iterable[Reference], texts: Mapping[int, str], files: tuple[ChangedFile, ...]
) -> tuple[LogReference, ...]:
    """The named places in changed files, those on lines of the diff first; `texts` are log lines by number.

    A bare name such as "cart.py" could be in any folder: it counts only if exactly one changed file has that name.
    """
    found: dict[tuple[str, int], LogReference] = {}
    rows: dict[str, frozenset[int]] = {}
    for reference in references:
        same = [file for file in files if same_file(reference.path, file.path)]
        if not same and "/" not in reference.path:
            named = [file for file in files if file.path.rsplit("/", 1)[-1] == reference.path]
            same = named if len(named) == 1 else []
        for file in same[:1]:
            if file.path not in rows:
                rows[file.path] = _rows(file)
            key = (file.path, reference.line)
            text = texts.get(reference.log_line, "").strip()
            found.setdefault(key, LogReference(path=file.path, line=reference.line, touched=reference.line in rows[file.path], text=text))
    return tuple(sorted(found.values(), key=lambda place: not place.touched)[:MOST])


def _rows(file: ChangedFile) -> frozenset[int]:
    """The lines of the head that the diff shows."""
    diff = parse(file.path, file.patch)
    return diff.commentable(Side.RIGHT) if diff else frozenset()
