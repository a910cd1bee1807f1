"""Change here which place in a file's diff is chosen when a quote fits several."""

from collections.abc import Iterator, Sequence
from math import exp
from typing import NamedTuple

from reviewers.anchoring.code_tokens import Vocabulary, code_tokens
from reviewers.anchoring.quote_lines import CodeLines
from reviewers.anchoring.quote_search import ONE_EDIT, Search, find_misspelled, find_partial, find_reformatted, find_verbatim
from reviewers.anchoring.quote_variants import Quote
from reviewers.context.diff import FileDiff, Hunk, Row
from reviewers.context.hidden_characters import show_hidden
from reviewers.values.finding import Side

# A model's line number is off by 1, 2-3, 4-7, 8-15 or 16-31 lines with equal probability, rarely by more, and correct more often than that.
# These and the next two values were fitted to releases of django and setuptools and to this project. `benchmarks anchoring` measures them
# on any repository, together with the upper bound that path, quote and line allow.
_OCTAVES, _BEYOND, _EXACT = 5, 0.1, 1.5
# A finding is rarely about lines that the change left alone.
_UNCHANGED = 0.1
# The minimum likelihood of the chosen place among all that the quote fits; without a line number, its minimum lead over the next place.
_SURE = 0.6
_CLEAR = 1.0
# A short quote with a misspelling fits too many lines to be trusted far from its line number.
_SHORT, _SHORTER, _NEAR = 14, 8, 10


class DiffMatch(NamedTuple):
    """Rows of one side of a hunk that a quote fits; `whole` if exactly these lines were quoted; `cost` is 0 for a verbatim quote."""

    hunk: Hunk
    side: Side
    rows: tuple[Row, ...]
    whole: bool
    cost: float

    @property
    def start(self) -> int:
        """The number of the first line."""
        return self.rows[0].number(self.side) or 0

    @property
    def end(self) -> int:
        """The number of the last line."""
        return self.rows[-1].number(self.side) or 0

    @property
    def changed(self) -> bool:
        """Whether the change added or deleted at least one of the lines."""
        return any(row.mark != " " for row in self.rows)

    def distance(self, line: int) -> int:
        """The distance to a line, in lines."""
        return max(self.start - line, line - self.end, 0)


class _Run(NamedTuple):
    """The rows of one side of a hunk, with their texts as a model saw them."""

    hunk: Hunk
    side: Side
    rows: tuple[Row, ...]
    lines: CodeLines


# The best fit comes first: a deleted line quoted verbatim comes before a part of a present line.
_ORDER: tuple[tuple[Side, tuple[Search, ...]], ...] = (
    (Side.RIGHT, (find_verbatim, find_reformatted)),
    (Side.LEFT, (find_verbatim, find_reformatted)),
    (Side.RIGHT, (find_partial,)),
    (Side.LEFT, (find_partial,)),
    (Side.RIGHT, (find_misspelled,)),
    (Side.LEFT, (find_misspelled,)),
)


def find_matches(diff: FileDiff, quotes: Sequence[Quote], line: int | None, vocabulary: Vocabulary) -> list[DiffMatch]:
    """Matches on the new side, or on deleted lines if they match more closely; misspellings only if nothing else fits."""
    runs = {side: [_run(hunk, side) for hunk in diff.hunks] for side in (Side.RIGHT, Side.LEFT)}
    deleted = {tuple(code_tokens(text)) for run in runs[Side.LEFT] for text in run.lines.exact}
    wanted = [quote for quote in quotes if all(tuple(code_tokens(text)) in deleted for text in quote.removed)]

    def look(side: Side, *searches: Search) -> list[DiffMatch]:
        forms = [quote for quote in wanted if side is Side.LEFT or not quote.deleted]
        return [
            match
            for run in runs[side]
            for quote in forms
            for search in searches
            for match in _matches_in_run(run, quote, (search, vocabulary))
        ]

    for side, searches in _ORDER:
        matches = look(side, *searches)
        if searches == (find_misspelled,):
            matches = [match for match in matches if _is_believable(match, line)]
        if matches:
            # The quote may mean another place that it fits in part.
            return _distinct(matches + (look(side, find_partial) if find_verbatim in searches else []))
    return []


def choose_match(matches: Sequence[DiffMatch], line: int | None) -> DiffMatch | None:
    """The one place that the quote means, or None if that is unclear."""
    if len(matches) < 2:
        return matches[0] if matches else None
    if line is None:
        first, second = sorted(matches, key=lambda match: match.cost)[:2]
        return first if second.cost - first.cost >= _CLEAR else None
    weights = [exp(-match.cost) * (1 if match.changed else _UNCHANGED) * _likelihood(match.distance(line)) for match in matches]
    best = max(range(len(matches)), key=weights.__getitem__)
    return matches[best] if weights[best] >= _SURE * sum(weights) else None


def _run(hunk: Hunk, side: Side) -> _Run:
    rows = tuple(row for row in hunk.rows if row.number(side) is not None)
    return _Run(hunk, side, rows, CodeLines([show_hidden(row.text) for row in rows]))


def _matches_in_run(run: _Run, quote: Quote, looking: tuple[Search, Vocabulary]) -> Iterator[DiffMatch]:
    search, vocabulary = looking
    for fit in search(quote, run.lines, vocabulary):
        match = DiffMatch(run.hunk, run.side, run.rows[fit.first : fit.last + 1], fit.whole, fit.cost)
        # Deleted lines that are far apart form no range.
        if match.end - match.start == fit.last - fit.first:
            yield match


def _is_believable(match: DiffMatch, line: int | None) -> bool:
    size = sum(len(row.text.strip()) for row in match.rows)
    near = line is not None and match.distance(line) <= _NEAR
    return size >= _SHORT or near or (size >= _SHORTER and match.cost < 2 * ONE_EDIT)


def _distinct(matches: Sequence[DiffMatch]) -> list[DiffMatch]:
    """One match per place, the cheapest."""
    best: dict[tuple[Side, int, int], DiffMatch] = {}
    for match in sorted(matches, key=lambda match: match.cost):
        best.setdefault((match.side, match.start, match.end), match)
    return list(best.values())


def _likelihood(distance: int) -> float:
    """The relative likelihood that a line number is off by exactly this many lines."""
    octave = distance.bit_length()
    return 2.0**-octave * (_EXACT if not octave else 1.0 if octave <= _OCTAVES else _BEYOND)
