"""A claim's quote becomes a commentable place of the diff, a note on the file, or nothing: rather none than a wrong one."""

from collections.abc import Iterator, Sequence
from math import exp
from typing import NamedTuple

from reviewers import quoting
from reviewers.context.diff import FileDiff, Hunk, Row, parse
from reviewers.context.invisible import visible
from reviewers.context.snapshot import ChangedFile, Snapshot
from reviewers.context.symbols import enclosing, named, symbol
from reviewers.finding import Claim, Discarded, Finding, Location, Side
from reviewers.quote_search import ONE_EDIT, Lines, Search, misspelt, partial, reformatted, verbatim
from reviewers.suggestion import applied, fitting, sketched

# How far a model's line number is off is told by its order of magnitude: each octave of distances is as likely as the next, up to a screen
# of 31 lines, and seldom more; it is right more often than that. These and the next two were chosen on releases of django and setuptools
# and on this project; `benchmarks anchoring` measures them on any repository, beside the most that path, quote and line can decide.
_OCTAVES, _BEYOND, _EXACT = 5, 0.1, 1.5
# A finding is seldom about lines that the change left alone.
_UNCHANGED = 0.1
# How likely a place must be, among all that the quote fits, to be taken; without a line number, how much better than the next.
_SURE = 0.6
_CLEAR = 1.0
# A short quote with a typo in it fits too many lines to be believed far from the number that came with it.
_SHORT, _SHORTER, _NEAR = 14, 8, 10


class _Hit(NamedTuple):
    hunk: Hunk
    side: Side
    rows: tuple[Row, ...]
    whole: bool
    cost: float

    @property
    def start(self) -> int:
        return self.rows[0].number(self.side) or 0

    @property
    def end(self) -> int:
        return self.rows[-1].number(self.side) or 0

    @property
    def changed(self) -> bool:
        return any(row.mark != " " for row in self.rows)

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
    hits = _search(diff, quotes, claim.line) if diff else []
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


# What fits best is taken first: a deleted line that is quoted verbatim, before a part of a line that is there.
_ORDER: tuple[tuple[Side, tuple[Search, ...]], ...] = (
    (Side.RIGHT, (verbatim, reformatted)),
    (Side.LEFT, (verbatim, reformatted)),
    (Side.RIGHT, (partial,)),
    (Side.LEFT, (partial,)),
    (Side.RIGHT, (misspelt,)),
    (Side.LEFT, (misspelt,)),
)


def _search(diff: FileDiff, quotes: list[list[str]], line: int | None) -> list[_Hit]:
    """Hits on the new side, or on deleted lines where those are quoted more faithfully; typos only where nothing else fits."""
    runs = {side: [_run(hunk, side) for hunk in diff.hunks] for side in (Side.RIGHT, Side.LEFT)}

    def look(side: Side, *searches: Search) -> list[_Hit]:
        return [hit for run in runs[side] for quote in quotes for search in searches for hit in _in_run(run, quote, search)]

    for side, searches in _ORDER:
        found = look(side, *searches)
        if searches == (misspelt,):
            found = [hit for hit in found if _believable(hit, line)]
        if found:
            # Another place that fits in part may be the one that is meant.
            return _distinct(found + (look(side, partial) if verbatim in searches else []))
    return []


class _Run(NamedTuple):
    """The rows of one side of a hunk, and their texts as a model was shown them."""

    hunk: Hunk
    side: Side
    rows: tuple[Row, ...]
    lines: Lines


def _run(hunk: Hunk, side: Side) -> _Run:
    rows = tuple(row for row in hunk.rows if row.number(side) is not None)
    return _Run(hunk, side, rows, Lines([visible(row.text) for row in rows]))


def _in_run(run: _Run, quote: list[str], search: Search) -> Iterator[_Hit]:
    for match in search(quote, run.lines):
        hit = _Hit(run.hunk, run.side, run.rows[match.first : match.last + 1], match.whole, match.cost)
        # Deleted lines far from each other are no range.
        if hit.end - hit.start == match.last - match.first:
            yield hit


def _believable(hit: _Hit, line: int | None) -> bool:
    size = sum(len(row.text.strip()) for row in hit.rows)
    near = line is not None and hit.distance(line) <= _NEAR
    return size >= _SHORT or near or (size >= _SHORTER and hit.cost < 2 * ONE_EDIT)


def _distinct(hits: Sequence[_Hit]) -> list[_Hit]:
    """One hit a place, the cheapest."""
    best: dict[tuple[Side, int, int], _Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.cost):
        best.setdefault((hit.side, hit.start, hit.end), hit)
    return list(best.values())


def _choose(hits: Sequence[_Hit], line: int | None) -> _Hit | None:
    """The one place that is meant, if that is clear."""
    if len(hits) < 2:
        return hits[0] if hits else None
    if line is None:
        first, second = sorted(hits, key=lambda hit: hit.cost)[:2]
        return first if second.cost - first.cost >= _CLEAR else None
    weights = [exp(-hit.cost) * (1 if hit.changed else _UNCHANGED) * _likely(hit.distance(line)) for hit in hits]
    best = max(range(len(hits)), key=weights.__getitem__)
    return hits[best] if weights[best] >= _SURE * sum(weights) else None


def _likely(distance: int) -> float:
    """How likely a line number is off by just this many lines, without a scale."""
    octave = distance.bit_length()
    return 2.0**-octave * (_EXACT if not octave else 1.0 if octave <= _OCTAVES else _BEYOND)


def _elsewhere(file: ChangedFile, quotes: list[list[str]]) -> bool:
    texts = [text for text in (file.head, file.base if file.head is None else None) if text]
    runs = [Lines(visible(text).split("\n")) for text in texts]
    return any(next(search(quote, run), None) for run in runs for quote in quotes for search in (verbatim, reformatted, partial))


def _placed(seat: str, claim: Claim, file: ChangedFile, hit: _Hit) -> Finding:
    location = Location(path=file.path, line=hit.end, start_line=hit.start if hit.start != hit.end else None, side=hit.side)
    lines = [row.text for row in hit.rows]
    suggestion = fitting(claim.suggestion, claim.quote, lines) if hit.whole and hit.side is Side.RIGHT else None
    if suggestion is not None and not _applies(file, location, lines, suggestion):
        suggestion = None
    finding = _finding(seat, claim, location, "\n".join(lines))
    said = (finding.sketch or "").split()
    sketch = None if suggestion is not None or said == finding.quote.split() else finding.sketch
    return finding.model_copy(update={"suggestion": suggestion, "sketch": sketch, "symbol": _symbol(file, hit)})


def _applies(file: ChangedFile, location: Location, lines: list[str], suggestion: str) -> bool:
    """Whether the head still has these lines there; an unknown head is GitHub's to check."""
    if file.head is None:
        return True
    start = (location.start_line or location.line or 1) - 1
    here = [line.removesuffix("\r") for line in file.head.split("\n")[start : start + len(lines)]]
    return here == lines and applied(file.head, location, suggestion) is not None


def _symbol(file: ChangedFile, hit: _Hit) -> str:
    whole = file.head if hit.side is Side.RIGHT else file.base
    if whole is not None:
        return symbol(file.path if hit.side is Side.RIGHT else file.previous_path or file.path, whole, hit.start)
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
        sketch=sketched(claim.suggestion),
    )


def _ghost(seat: str, claim: Claim, reason: str) -> Discarded:
    return Discarded(seat=seat, title=claim.title, path=claim.path, reason=reason)
