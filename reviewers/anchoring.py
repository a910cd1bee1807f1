"""A claim's quote becomes a commentable place of the diff, a note on the file, or nothing: rather none than a wrong one."""

from collections.abc import Sequence
from typing import NamedTuple

from reviewers import quoting
from reviewers.context.diff import FileDiff, Hunk, Row, parse
from reviewers.context.invisible import visible
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.context.symbols import enclosing, named
from reviewers.finding import Claim, Discarded, Finding, Location, Side
from reviewers.suggestion import fitting

# How far the line a model claims may be from the quote that it names.
NEAR = 10


class _Hit(NamedTuple):
    hunk: Hunk
    side: Side
    rows: tuple[Row, ...]
    whole: bool

    @property
    def start(self) -> int:
        return self.rows[0].number(self.side) or 0

    @property
    def end(self) -> int:
        return self.rows[-1].number(self.side) or 0

    def distance(self, line: int) -> int:
        return max(self.start - line, line - self.end, 0)


def anchor(seat: str, claim: Claim, snapshot: Snapshot) -> Finding | Discarded:
    """The claim as a finding at its place, or why it is not believed."""
    file = _file(claim.path, snapshot)
    if file is None:
        return _ghost(seat, claim, "no such file in this change")
    quotes = quoting.variants(claim.quote)
    if not quotes:
        return _ghost(seat, claim, f"no line of {file.path} was quoted")
    diff = parse(file.path, file.patch)
    hits = _search(diff, quotes) if diff else []
    if chosen := _choose(hits, claim.line):
        return _placed(seat, claim, file, chosen)
    if hits or _elsewhere(file, quotes):
        return _finding(seat, claim, Location(path=file.path), claim.quote)
    if diff is None and file.head is None and file.base is None:
        return _ghost(seat, claim, f"the content of {file.path} could not be had, so the quote could not be checked")
    return _ghost(seat, claim, f"the quoted code is not in {file.path}")


def place_line(file: ChangedFile, line: int, end_line: int | None = None) -> Location | None:
    """The place of an analyzer's finding: the lines it names if the change added the first, else nothing."""
    diff = parse(file.path, file.patch)
    if diff is None or line not in diff.added():
        return None
    hunk = next(hunk for hunk in diff.hunks if any(row.new == line for row in hunk.rows))
    last = end_line or line
    if last <= line or not any(row.new == last for row in hunk.rows):
        return Location(path=file.path, line=line)
    return Location(path=file.path, line=last, start_line=line)


def _file(path: str, snapshot: Snapshot) -> ChangedFile | None:
    wanted = path.strip().strip("`").removeprefix("./").lstrip("/")
    for name in (wanted, wanted.removeprefix("a/"), wanted.removeprefix("b/")):
        for file in snapshot.files:
            if name in (file.path, file.previous_path):
                return file
    tails = [file for file in snapshot.files if wanted and file.path.endswith(f"/{wanted}")]
    return tails[0] if len(tails) == 1 else None


def _search(diff: FileDiff, quotes: list[list[str]]) -> list[_Hit]:
    """Hits of the strictest method that has any; the new side before deleted lines."""
    for method in quoting.METHODS:
        for side in (Side.RIGHT, Side.LEFT):
            for quote in quotes:
                hits = [hit for hunk in diff.hunks for hit in _in_hunk(method, quote, hunk, side)]
                if hits:
                    return hits
    return []


def _in_hunk(method: quoting.Method, quote: list[str], hunk: Hunk, side: Side) -> list[_Hit]:
    rows = [row for row in hunk.rows if row.number(side) is not None]
    found = method(quote, [visible(row.text) for row in rows])
    return [
        _Hit(hunk, side, tuple(rows[match.first : match.last + 1]), match.whole)
        for match in found
        # Deleted lines far from each other are no range.
        if (rows[match.last].number(side) or 0) - (rows[match.first].number(side) or 0) == match.last - match.first
    ]


def _choose(hits: Sequence[_Hit], line: int | None) -> _Hit | None:
    if len(hits) == 1:
        return hits[0]
    if hits and line:
        ranked = sorted(hits, key=lambda hit: hit.distance(line))
        if ranked[0].distance(line) <= NEAR and ranked[0].distance(line) < ranked[1].distance(line):
            return ranked[0]
        return None
    changed = [hit for hit in hits if any(row.mark != " " for row in hit.rows)]
    return changed[0] if len(changed) == 1 else None


def _elsewhere(file: ChangedFile, quotes: list[list[str]]) -> bool:
    texts = [text for text in (file.head, file.base if file.head is None else None) if text]
    strict = (quoting.exactly, quoting.but_for_space, quoting.in_part)
    return any(method(quote, visible(text).split("\n")) for text in texts for quote in quotes for method in strict)


def _placed(seat: str, claim: Claim, file: ChangedFile, hit: _Hit) -> Finding:
    location = Location(path=file.path, line=hit.end, start_line=hit.start if hit.start != hit.end else None, side=hit.side)
    lines = [row.text for row in hit.rows]
    suggestion = fitting(claim.suggestion, claim.quote, lines) if hit.whole and hit.side is Side.RIGHT else None
    finding = _finding(seat, claim, location, "\n".join(lines))
    return finding.model_copy(update={"suggestion": suggestion, "symbol": _symbol(file, hit)})


def _symbol(file: ChangedFile, hit: _Hit) -> str:
    whole = file.head if hit.side is Side.RIGHT else file.base
    if whole is not None:
        return enclosing(whole.split("\n"), hit.start)
    above = [row.text for row in hit.hunk.rows if (row.number(hit.side) or hit.start + 1) <= hit.start]
    return enclosing(above, len(above)) or named(hit.hunk.section)


def _finding(seat: str, claim: Claim, location: Location, quote: str) -> Finding:
    return Finding(
        seat=seat,
        title=claim.title,
        body=claim.body,
        severity=claim.severity,
        category=claim.category,
        location=location,
        quote=quote,
    )


def _ghost(seat: str, claim: Claim, reason: str) -> Discarded:
    return Discarded(seat=seat, title=claim.title, path=claim.path, reason=reason)
