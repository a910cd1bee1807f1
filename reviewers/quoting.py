"""Where a model's quote stands in a run of lines: exactly, but for white space, with parts left out, or with a typo."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from reviewers.context.invisible import visible

_FENCE = re.compile(r"^\s*(```|~~~)")
_NUMBERED = re.compile(r"^\s*\d+(?:\s[-+ ](?:\s|$)|\s*[|:]\s?)")
_ELISION = re.compile(r"^\s*(?:#|//|/\*|<!--|--)?\s*(?:\.\.\.|…)\s*(?:\*/|-->)?\s*$")
_CUT = re.compile(r"\s*(?:\.\.\.|…)$")
_SHORTEST_PART = 8
_SHORTEST_TYPO = 14
_TYPO = 88.0
_MOST_LINES = 40


class Match(NamedTuple):
    """Indexes of the first and last line of the run; `whole` when exactly these lines were quoted, nothing cut or guessed."""

    first: int
    last: int
    whole: bool


Method = Callable[[Sequence[str], Sequence[str]], list[Match]]


def variants(quote: str) -> list[list[str]]:
    """The quote's lines as given, and without the line numbers and diff marks a model may have copied along."""
    lines = [line.rstrip() for line in visible(quote.replace("\r\n", "\n")).split("\n") if not _FENCE.match(line)]
    given = _trim(lines)
    unnumbered = (
        _trim([_NUMBERED.sub("", line) for line in given]) if given and all(_NUMBERED.match(line) or not line for line in given) else []
    )
    unmarked = _trim(_unmark(given)) if any(line.lstrip()[:1] in ("+", "-") for line in given) else []
    return [each for each in (given, unnumbered, unmarked) if each]


def _unmark(lines: list[str]) -> list[str]:
    """The new side of a quoted piece of diff; its old side when nothing but deleted lines was quoted."""
    left = [line for line in lines if not line.lstrip().startswith("-")]
    mark = "+" if any(line.strip() for line in left) else "-"
    return [line.replace(mark, " ", 1) if line.lstrip().startswith(mark) else line for line in (left if mark == "+" else lines)]


def _trim(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return lines[start:end]


def exactly(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    """Runs of whole lines, equal but for trailing white space."""
    return _windows(quote, [line.rstrip() for line in lines])


def but_for_space(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    """Runs of whole lines, equal but for any white space."""
    return _windows([_compact(line) for line in quote], [_compact(line) for line in lines])


def _windows(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    wanted, size = list(quote), len(quote)
    return [Match(at, at + size - 1, True) for at in range(len(lines) - size + 1) if list(lines[at : at + size]) == wanted]


def in_part(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    """The quote as a part of one or more lines, however it was wrapped."""
    wanted = _compact("".join(quote))
    if len(wanted) < _SHORTEST_PART:
        return []
    compact = [_compact(line) for line in lines]
    ends: list[int] = []
    for line in compact:
        ends.append((ends[-1] if ends else 0) + len(line))
    text, found, at = "".join(compact), [], -1
    while (at := text.find(wanted, at + 1)) >= 0:
        first = next(index for index, end in enumerate(ends) if end > at)
        last = next(index for index, end in enumerate(ends) if end >= at + len(wanted))
        found.append(Match(first, last, False))
    return list(dict.fromkeys(found))


def with_elisions(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    """Pieces between `...` lines, found in this order; a line that ends in an ellipsis stands for any line that starts so."""
    pieces: list[list[str]] = [[]]
    for line in quote:
        if _ELISION.match(line):
            pieces.append([])
        else:
            pieces[-1].append(line)
    pieces = [piece for piece in pieces if any(line.strip() for line in piece)]
    if not pieces or (len(pieces) == 1 and not any(_CUT.search(line) for line in quote)):
        return []
    found = []
    for start in _piece(pieces[0], lines, 0):
        first, last = start
        for piece in pieces[1:]:
            following = _piece(piece, lines, last + 1)
            if not following:
                break
            last = following[0][1]
        else:
            if last - first < _MOST_LINES:
                found.append(Match(first, last, False))
    return found


def _piece(piece: Sequence[str], lines: Sequence[str], after: int) -> list[tuple[int, int]]:
    wanted = [(_compact(_CUT.sub("", line)), bool(_CUT.search(line))) for line in piece]
    compact = [_compact(line) for line in lines]
    return [
        (at, at + len(wanted) - 1)
        for at in range(after, len(compact) - len(wanted) + 1)
        if all(
            (len(text) >= 4 and compact[at + offset].startswith(text)) if cut else compact[at + offset] == text
            for offset, (text, cut) in enumerate(wanted)
        )
    ]


def with_typos(quote: Sequence[str], lines: Sequence[str]) -> list[Match]:
    """The run most like the quote, if it is alike enough and nothing else nearly is."""
    wanted = [_compact(line) for line in quote]
    text = "\n".join(wanted)
    if len(text) < _SHORTEST_TYPO or len(wanted) > _MOST_LINES:
        return []
    compact, size = [_compact(line) for line in lines], len(wanted)
    scored = sorted(
        ((fuzz.ratio(text, "\n".join(compact[at : at + size]), score_cutoff=_TYPO - 8), at) for at in range(len(compact) - size + 1)),
        reverse=True,
    )
    if not scored or scored[0][0] < _TYPO:
        return []
    rivals = [at for score, at in scored if score >= scored[0][0] - 4]
    return [Match(at, at + size - 1, False) for at in rivals]


METHODS: tuple[Method, ...] = (exactly, but_for_space, in_part, with_elisions, with_typos)


def _compact(line: str) -> str:
    return "".join(line.split())
