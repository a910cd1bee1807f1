"""Change here how a quote may mark omitted code: `...` or `…` within a line, at its end, or in place of lines."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import NamedTuple

from reviewers.anchoring.code_tokens import (
    Vocabulary,
    code_tokens,
    follows_negation,
    in_brackets,
    is_word,
    normalize_tokens,
)
from reviewers.anchoring.quote_lines import INSIDE, SHORTEST_PART, CodeLines, Match, TokenSpan, indentation, indentation_cost, token_runs
from reviewers.anchoring.quote_variants import Quote

_ELISION = re.compile(r"^\s*+(?:(?:#|//|/\*|<!--|--)\s*+(?:\.\.\.|…).*|(?:[\[(]\s*+)?(?:\.\.\.|…)\s*+(?:[\])]\s*+)?)$")
# Of one line; the flag avoids a second scan from each character at a stray line end.
_MARKED = re.compile(r"(.*?)(\.\.\.|…|$)", re.MULTILINE)
# Of several beginnings before one end, the nearest is usually meant.
_SKIPPED = 2.5
_MOST_LINES = 40


class _Piece(NamedTuple):
    """The tokens before a mark; `cut` means that the mark touches the last one, whose end it may omit.

    `indent` is the white space before the first token if the piece begins a line of the quote; `whole` means that it ends a line.
    """

    tokens: tuple[str, ...]
    cut: bool
    indent: str | None
    whole: bool


class _Places(NamedTuple):
    """Every place of a piece in order, and by the indentation those at the beginning of a line that end a line if the piece does."""

    all: Sequence[TokenSpan]
    by_indent: Mapping[str, Sequence[TokenSpan]]


def find_with_elisions(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Pieces with a mark between them, found in this order within 40 lines."""
    pieces, open_ended = _pieces(quote)
    places = [_places(piece, lines, vocabulary) for piece in pieces]
    ended: defaultdict[int, list[tuple[TokenSpan, float]]] = defaultdict(list)
    for first in places[0].all if places else ():
        indents = _expected_indents(pieces, lines, first)
        chain = _chain(first, list(zip(places[1:], indents, strict=True)), lines)
        if not chain or (quote.at_line_start and not lines.starts_line(first.begin)):
            continue
        last = chain[-1]
        whole = open_ended or (lines.starts_line(last.begin) and lines.ends_line(last.end))
        if follows_negation(lines.before(first.begin)) or (not whole and in_brackets(lines.tokens[last.begin : last.end])):
            continue
        cost = sum(part.cost for part in chain) + (0.0 if lines.starts_line(first.begin) else INSIDE)
        ended[last.end].append((TokenSpan(first.begin, last.end, 0.0), cost + _left_out(lines, chain, open_ended)))
    for matches in ended.values():
        for skipped, (part, cost) in enumerate(reversed(matches)):
            first_line, last_line = lines.line_of[part.begin], lines.line_of[part.end - 1]
            shifted = indentation_cost(quote.lines[0], lines.exact[first_line])
            yield Match(first_line, last_line, False, cost + _SKIPPED * skipped + shifted)


def _pieces(quote: Quote) -> tuple[list[_Piece], bool]:
    """The pieces between the marks of a quote, and whether it ends in a mark; empty if it has no mark or too little other text."""
    pieces: list[_Piece] = []
    tokens: list[str] = []
    marked = False
    indent: str | None = None
    for line in quote.lines:
        for at, (piece, mark) in enumerate(_MARKED.findall("…" if _ELISION.match(line) else line)):
            if not tokens:
                indent = indentation(line) if at == 0 else None
            more = normalize_tokens(code_tokens(piece))
            tokens += more
            if mark:
                marked = True
                pieces.append(_Piece(tuple(tokens), piece[-1:].isalnum(), indent, whole=not more))
                tokens = []
    open_ended = not tokens
    pieces = [piece for piece in (*pieces, _Piece(tuple(tokens), False, indent, True)) if piece.tokens]
    substance = max((sum(len(token) for token in piece.tokens) for piece in pieces), default=0)
    if not marked or substance < SHORTEST_PART or not any(is_word(token) for token in pieces[0].tokens):
        return [], False
    return pieces, open_ended


def _places(piece: _Piece, lines: CodeLines, vocabulary: Vocabulary) -> _Places:
    runs = list(_piece_runs(piece, lines, vocabulary))
    by_indent: defaultdict[str, list[TokenSpan]] = defaultdict(list)
    for part in runs:
        if lines.starts_line(part.begin) and piece.whole == lines.ends_line(part.end):
            by_indent[indentation(lines.exact[lines.line_of[part.begin]])].append(part)
    return _Places(runs, by_indent)


def _piece_runs(piece: _Piece, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[TokenSpan]:
    whole = list(token_runs(piece.tokens, lines, vocabulary))
    yield from whole
    if whole or not piece.cut or len(piece.tokens) < 2:
        return
    for part in token_runs(piece.tokens[:-1], lines, vocabulary):
        if part.end < len(lines.tokens) and lines.tokens[part.end].startswith(piece.tokens[-1]):
            yield TokenSpan(part.begin, part.end + 1, part.cost)


def _expected_indents(pieces: Sequence[_Piece], lines: CodeLines, first: TokenSpan) -> list[str | None]:
    """The indentation in the code of each piece after the first, as the quote shows it relative to the first; None if it does not tell."""
    shown, actual = pieces[0].indent, indentation(lines.exact[lines.line_of[first.begin]])
    # Models that drop the indentation drop it from all lines.
    dropped = actual and not any(piece.indent for piece in pieces)
    if shown is None or dropped or not actual.endswith(shown) or not lines.starts_line(first.begin):
        return [None] * (len(pieces) - 1)
    outer = actual.removesuffix(shown)
    return [None if piece.indent is None else outer + piece.indent for piece in pieces[1:]]


def _chain(first: TokenSpan, following: Sequence[tuple[_Places, str | None]], lines: CodeLines) -> list[TokenSpan]:
    """The nearest place of each following piece after the one before, rather one with its indentation; empty if a piece is missing."""
    chain, latest = [first], lines.line_of[first.begin] + _MOST_LINES
    for places, indent in following:
        fitting = () if indent is None else places.by_indent.get(indent, ())
        near = [each for known in (fitting, places.all) for each in _next(known, chain[-1].end) if lines.line_of[each.begin] <= latest]
        if not near:
            return []
        chain.append(near[0])
    return chain


def _next(places: Sequence[TokenSpan], begin: int) -> Sequence[TokenSpan]:
    at = bisect_left(places, begin, key=lambda part: part.begin)
    return places[at : at + 1]


def _left_out(lines: CodeLines, chain: Sequence[TokenSpan], open_ended: bool) -> float:
    """The cost of the gaps within one line; a gap of whole lines costs nothing."""
    held = sum(len(token) for part in chain for token in lines.tokens[part.begin : part.end])
    gaps = sum(
        len(token)
        for one, following in pairwise(chain)
        if lines.line_of[one.end - 1] == lines.line_of[following.begin]
        for token in lines.tokens[one.end : following.begin]
    )
    end = chain[-1].end
    while open_ended and not lines.ends_line(end):
        gaps += len(lines.tokens[end])
        end += 1
    return log((held + gaps) / held)
