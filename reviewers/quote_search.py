"""Where a quote stands in a run of lines, and how much had to be forgiven: white space, case, wrapping, what was left out, typos."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from math import log
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from reviewers.quoting import compact, folded

_ELISION = re.compile(r"^\s*(?:#|//|/\*|<!--|--)?\s*(?:\.\.\.|…)\s*(?:\*/|-->)?\s*$")
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
# What a match costs, as the negative logarithm of how likely a model is to change a quote so.
_FOLDED, _REWRAPPED, _BEGINNING, _INSIDE, ONE_EDIT = 2.0, 0.5, 1.5, 3.0, 2.5
# Indentation is often dropped, seldom made up; of several beginnings before one end the nearest is meant, mostly.
_BARE, _SPACED, _SKIPPED = 0.7, 4.0, 2.5
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
    spaced = _SPACED if quote[0][:1].isspace() else _BARE
    exact, bare = [line.rstrip() for line in quote], [compact(line) for line in quote]
    for at in _windows(bare, lines.compact):
        same = lines.exact[at : at + len(exact)] == exact
        yield Match(at, at + len(bare) - 1, True, 0.0 if same else spaced)


def reformatted(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of whole lines that differ in case or quotes, or are wrapped otherwise."""
    wanted = [folded(line) for line in quote]
    for at in _windows(wanted, lines.folded):
        yield Match(at, at + len(wanted) - 1, False, _FOLDED + _shifted(quote[0], lines.exact[at]))
    yield from (match for match, exactly in _in_part(quote, "".join(wanted), lines) if exactly)


def partial(quote: Sequence[str], lines: Lines) -> Iterator[Match]:
    """Runs of lines of which a part was quoted, or the middle left out."""
    yield from (match for match, exactly in _in_part(quote, "".join(folded(line) for line in quote), lines) if not exactly)
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
            yield Match(at, at + size - 1, False, ONE_EDIT * OSA.distance(text, other) + _shifted(quote[0], lines.exact[at]))


Search = Callable[[Sequence[str], Lines], Iterator[Match]]


def _windows(quote: Sequence[str], lines: Sequence[str]) -> Iterator[int]:
    wanted, size = list(quote), len(quote)
    return (at for at in range(len(lines) - size + 1) if lines[at] == wanted[0] and list(lines[at : at + size]) == wanted)


def _in_part(quote: Sequence[str], wanted: str, lines: Lines) -> Iterator[tuple[Match, bool]]:
    """The runs of lines that hold a text, and whether they hold nothing else."""
    if len(wanted) < _SHORTEST_PART:
        return
    at, kept = -1, "".join(compact(line) for line in quote)
    while (at := lines.joined.find(wanted, at + 1)) >= 0:
        first = bisect_right(lines.ends, at)
        last = bisect_right(lines.ends, at + len(wanted) - 1)
        begin = lines.ends[first - 1] if first else 0
        opens, closes = at == begin, at + len(wanted) == lines.ends[last]
        cost = (_BEGINNING if opens else _INSIDE) + _cut(len(wanted), lines.ends[last] - begin)
        if opens and closes:
            cost = _REWRAPPED
        if kept not in "".join(lines.compact[first : last + 1]):
            cost += _FOLDED
        yield Match(first, last, False, cost + _shifted(quote[0], lines.exact[first])), opens and closes


def _cut(kept: int, whole: int) -> float:
    """What a part costs for its length: a longer line can be cut at more places, so at each of them it is the less likely."""
    return log(whole / kept)


def _shifted(quoted: str, line: str) -> float:
    """What another indentation than the line's costs."""
    indent = _indent(quoted)
    return 0.0 if indent == _indent(line) else _SPACED if indent else _BARE


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
    ended: defaultdict[int, list[Match]] = defaultdict(list)
    for first, last, cost in places[0]:
        end, total = last, cost
        for following in places[1:]:
            later = [(each[2], each[0], each[1]) for each in following if end < each[0] <= first + _MOST_LINES]
            if not later:
                break
            more, _, end = min(later)
            total += more
        else:
            ended[end].append(Match(first, end, False, total))
    for found in ended.values():
        yield from (match._replace(cost=match.cost + _SKIPPED * skipped) for skipped, match in enumerate(reversed(found)))


def _piece(piece: Sequence[str], lines: Lines) -> Iterator[tuple[int, int, float]]:
    wanted = [(folded(_CUT.sub("", line)), compact(line), bool(_CUT.search(line))) for line in piece]
    for at in range(len(lines) - len(wanted) + 1):
        cost = _shifted(piece[0], lines.exact[at])
        for row, (text, kept, cut) in enumerate(wanted, at):
            line = lines.folded[row]
            if not (len(text) >= _SHORTEST_PART and line.startswith(text) if cut else line == text):
                break
            cost += _cut(len(text), len(line)) if cut else 0.0 if kept == lines.compact[row] else _FOLDED
        else:
            yield at, at + len(wanted) - 1, cost
