"""Finds what became of each earlier finding, by looking for its lines rather than its words."""

from collections.abc import Sequence
from typing import NamedTuple

from reviewers.context.snapshot import Snapshot
from reviewers.incremental.alignment import Alignment, shown_lines, strip_spaces
from reviewers.incremental.delta import Delta
from reviewers.values.changes_since import FindingStatus
from reviewers.values.finding import Finding, Location, Side

_TELLING = 8


class LocatedFinding(NamedTuple):
    """Where a finding is now; `around` are the lines at its former place, some of which may be kept."""

    fate: FindingStatus
    location: Location
    around: tuple[int, ...] = ()


def trace_findings(finding: Finding, before: Snapshot, now: Snapshot, new: Delta) -> LocatedFinding:
    """Whether its lines were kept, moved, or are gone."""
    where = finding.location
    if where.path is None:
        return LocatedFinding(FindingStatus.OPEN, where)
    path = _path_now(where.path, now, new)
    if where.side is Side.LEFT:
        return _trace_left(finding, path, now)
    alignment = new.alignments.get(path) if path else None
    if path and alignment is not None and where.line is not None:
        kept = _kept(where, alignment)
        if kept is not None:
            file = now.file(path)
            shown = shown_lines(file) if file else {}
            at = where.model_copy(update={"path": path, **kept})
            # The line still exists, but this change no longer touches it.
            return LocatedFinding(FindingStatus.OPEN if at.line in shown else FindingStatus.OUTDATED, at)
    if location := _elsewhere(finding, path, now):
        return LocatedFinding(FindingStatus.MOVED, location)
    if path is None:
        return LocatedFinding(FindingStatus.OUTDATED, where)
    if where.line is None:
        return _whole(finding, path, now)
    around = _around(where, alignment) if alignment is not None else ()
    return LocatedFinding(FindingStatus.FIXED, where.model_copy(update={"path": path}), around)


def _path_now(path: str, now: Snapshot, new: Delta) -> str | None:
    if now.file(path) is not None:
        return path
    return next((file for file, origin in new.origin.items() if origin == path), None)


def _kept(where: Location, alignment: Alignment) -> dict[str, int | None] | None:
    """The lines of a place in the new file, if all of them are kept and consecutive."""
    last = where.line or 0
    first = where.start_line or last
    mapped = [alignment.kept.get(number) for number in range(first, last + 1)]
    numbers = [number for number in mapped if number is not None]
    if len(numbers) < len(mapped) or numbers[-1] - numbers[0] != last - first:
        return None
    return {"line": numbers[-1], "start_line": numbers[0] if where.start_line is not None else None}


def _around(where: Location, alignment: Alignment) -> tuple[int, ...]:
    last = where.line or 0
    own = range(where.start_line or last, last + 1)
    replaced = {number for each in own for number in alignment.replaced.get(each, ())}
    return tuple(sorted(replaced | {alignment.kept[each] for each in own if each in alignment.kept}))


def _elsewhere(finding: Finding, path: str | None, now: Snapshot) -> Location | None:
    """The one place in the change that now contains the quoted lines, preferably in this file."""
    quote = [strip_spaces(text) for text in finding.quote.strip("\n").split("\n")]
    if not any(len(text) >= _TELLING for text in quote):
        return None
    order = sorted(now.files, key=lambda file: file.path != path)
    for file in order:
        hits = _runs(quote, sorted(shown_lines(file).items()))
        if len(hits) == 1 or (hits and file.path == path):
            near = min(hits, key=lambda hit: abs(hit[1] - (finding.location.line or 0)))
            start = near[0] if len(quote) > 1 else None
            return Location(path=file.path, line=near[1], start_line=start)
    return None


def _runs(quote: Sequence[str], lines: Sequence[tuple[int, str]]) -> list[tuple[int, int]]:
    size = len(quote)
    found = []
    for at in range(len(lines) - size + 1):
        window = lines[at : at + size]
        if [text for _, text in window] == list(quote) and window[-1][0] - window[0][0] == size - 1:
            found.append((window[0][0], window[-1][0]))
    return found


def _trace_left(finding: Finding, path: str | None, now: Snapshot) -> LocatedFinding:
    """A finding about deleted lines stays open while they are deleted."""
    file = now.file(path) if path else None
    quote = [strip_spaces(text) for text in finding.quote.strip("\n").split("\n")]
    hits = _runs(quote, sorted(shown_lines(file, Side.LEFT).items())) if file else []
    if not hits:
        return LocatedFinding(FindingStatus.FIXED if file else FindingStatus.OUTDATED, finding.location)
    first, last = min(hits, key=lambda hit: abs(hit[1] - (finding.location.line or 0)))
    start = first if finding.location.start_line is not None else None
    return LocatedFinding(FindingStatus.OPEN, finding.location.model_copy(update={"path": path, "line": last, "start_line": start}))


def _whole(finding: Finding, path: str, now: Snapshot) -> LocatedFinding:
    """A note on a file stays open while the file contains its quote."""
    file = now.file(path)
    quote = strip_spaces(finding.quote)
    text = strip_spaces(file.head or "") if file else ""
    at = finding.location.model_copy(update={"path": path})
    return LocatedFinding(FindingStatus.OPEN if not quote or quote in text or (file and file.head is None) else FindingStatus.FIXED, at)
