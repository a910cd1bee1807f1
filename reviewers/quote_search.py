"""Where a quote stands in a run of lines, and how much had to be forgiven: white space, case, wrapping, what was left out, typos."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from reviewers.quoting import compact, folded

_ELISION = re.compile(r"^\s*(?:#|//|/\*|<!--|--)?\s*(?:\.\.\.|…)\s*(?:\*/|-->)?\s*$")
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
# What a match costs, as the negative logarithm of how likely a model is to change a quote so.
_SPACED, _FOLDED, _REWRAPPED, _BEGINNING, _INSIDE, ONE_EDIT = 2.5, 2.0, 0.5, 1.5, 3.0, 2.5
_SHORTEST_PART, _SHORTEST_TYPO = 4, 6
_MOST_LINES = 40
_ALIKE = 0.78


class Match(NamedTuple):
    """Indexes of the first and last line; `whole` when exactly these lines were quoted; `cost` is 0 for verbatim."""

    first: int
    last: int
    whole: bool
    cost: float


class Lines:
    """A run of lines in the forms in which a quote is looked for, each made once."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.exact = [text.rstrip() for text in texts]
        self.compact = [compact(text) for text in texts]
        self.folded = [folded(text) for text in texts]
        self.ends = list(accumulate(len(text) for text in self.folded))
        self.joined = "".join(self.folded)

    def __len__(self) -> int:
        return len(self.exact)


def verbatim(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of whole lines, equal but for white space; other indentation than quoted is a worse match where any was quoted."""
    spaced = _SPACED if quote[0][:1].isspace() else 0.0
    exact, bare = [line.rstrip() for line in quote], [compact(line) for line in quote]
    for at in _windows(bare, lines.compact):
        same = lines.exact[at : at + len(exact)] == exact
        yield Match(at, at + len(bare) - 1, True, 0.0 if same else spaced)


def reformatted(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of whole lines that differ in case or quotes, or are wrapped otherwise."""
    wanted = [folded(line) for line in quote]
    for at in _windows(wanted, lines.folded):
        yield Match(at, at + len(wanted) - 1, False, _FOLDED)
    yield from (match for match in _in_part(quote, "".join(wanted), lines) if match.cost == _REWRAPPED)


def partial(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of lines of which a part was quoted, or the middle left out."""
    yield from (match for match in _in_part(quote, "".join(folded(line) for line in quote), lines) if match.cost != _REWRAPPED)
    yield from _with_elisions(quote, lines)


def misspelt(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of as many lines that differ in a few characters."""
    wanted = [folded(line) for line in quote]
    text, size = "\n".join(wanted), len(quote)
    if len(text) < _SHORTEST_TYPO or size > _MOST_LINES:
        return
    for at in range(len(lines) - size + 1):
        other = "\n".join(lines.folded[at : at + size])
        if fuzz.ratio(text, other, score_cutoff=_ALIKE * 100):
            edits = Levenshtein.distance(text, other)
            yield Match(at, at + size - 1, False, ONE_EDIT * edits)


Search = Callable[[Sequence[str], Lines], Iterator[Match]]


def _windows(quote: Sequence[str], lines: Sequence[str]) -> Iterator[int]:
    wanted, size = list(quote), len(quote)
    return (at for at in range(len(lines) - size + 1) if lines[at] == wanted[0] and list(lines[at : at + size]) == wanted)


def _in_part(quote: Sequence[str], wanted: str, lines: Lines) -> Iterator[Match]:
    if len(wanted) < _SHORTEST_PART:
        return
    at, indent = -1, _indent(quote[0])
    while (at := lines.joined.find(wanted, at + 1)) >= 0:
        first = bisect_right(lines.ends, at)
        last = bisect_right(lines.ends, at + len(wanted) - 1)
        opens = at == (lines.ends[first - 1] if first else 0)
        closes = at + len(wanted) == lines.ends[last]
        cost = (_REWRAPPED if closes else _BEGINNING) if opens else _INSIDE
        if indent and _indent(lines.exact[first]) != indent:
            cost += _SPACED
        yield Match(first, last, False, cost)


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _with_elisions(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Pieces between `...` lines, found in this order; a line that ends in an ellipsis stands for any line that starts so."""
    pieces: list[list[str]] = [[]]
    for line in quote:
        if _ELISION.match(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    pieces = [piece for piece in pieces if any(line.strip() for line in piece)]
    if not pieces or (len(pieces) == 1 and not any(_CUT.search(line) for line in quote)):
        return
    places = [list(_piece(piece, lines)) for piece in pieces]
    ended: dict[int, Match] = {}
    for first, last, cost in places[0]:
        end, total = last, cost
        for following in places[1:]:
            later = [(each[2], each[0], each[1]) for each in following if end < each[0] <= first + _MOST_LINES]
            if not later:
                break
            more, _, end = min(later)
            total += more
        else:
            # Of several beginnings before one end the nearest is meant.
            ended[end] = Match(first, end, False, total)
    yield from ended.values()


def _piece(piece: Sequence[str], lines: Lines) -> Iterator[tuple[int, int, float]]:
    wanted = [(folded(_CUT.sub("", line)), bool(_CUT.search(line))) for line in piece]
    exact = [line.rstrip() for line in piece]
    for at in range(len(lines) - len(wanted) + 1):
        if all(
            (len(text) >= _SHORTEST_PART and lines.folded[at + offset].startswith(text)) if cut else lines.folded[at + offset] == text
            for offset, (text, cut) in enumerate(wanted)
        ):
            indent = _indent(exact[0])
            same = all(cut or lines.exact[at + offset] == exact[offset] for offset, (_, cut) in enumerate(wanted))
            same = same and indent in ("", _indent(lines.exact[at]))
            yield at, at + len(wanted) - 1, 0.0 if same else _SPACED
