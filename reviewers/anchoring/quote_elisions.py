"""Change here how a quote may mark omitted code: `...` or `…` within a line, at its end, or in place of lines."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
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
from reviewers.anchoring.quote_lines import INSIDE, SHORTEST_PART, CodeLines, Match, TokenSpan, indentation_cost, token_runs
from reviewers.anchoring.quote_variants import Quote

_ELISION = re.compile(r"^\s*+(?:(?:#|//|/\*|<!--|--)\s*+(?:\.\.\.|…).*|(?:[\[(]\s*+)?(?:\.\.\.|…)\s*+(?:[\])]\s*+)?)$")
# Of one line; the flag avoids a second scan from each character at a stray line end.
_MARKED = re.compile(r"(.*?)(\.\.\.|…|$)", re.MULTILINE)
# Of several beginnings before one end, the nearest is usually meant.
_SKIPPED = 2.5
_MOST_LINES = 40


class _Piece(NamedTuple):
    """The tokens before a mark; `cut` means that the mark touches the last one, whose end it may omit."""

    tokens: tuple[str, ...]
    cut: bool


def find_with_elisions(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Pieces with a mark between them, found in this order within 40 lines."""
    pieces, open_ended = _pieces(quote)
    places = [list(_piece_runs(piece, lines, vocabulary)) for piece in pieces]
    ended: defaultdict[int, list[tuple[TokenSpan, float]]] = defaultdict(list)
    for first in places[0] if places else ():
        chain = _chain(first, places[1:], lines)
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
    for line in quote.lines:
        for piece, mark in _MARKED.findall("…" if _ELISION.match(line) else line):
            tokens += normalize_tokens(code_tokens(piece))
            if mark:
                marked = True
                pieces.append(_Piece(tuple(tokens), cut=piece[-1:].isalnum()))
                tokens = []
    open_ended = not tokens
    pieces = [piece for piece in (*pieces, _Piece(tuple(tokens), cut=False)) if piece.tokens]
    substance = max((sum(len(token) for token in piece.tokens) for piece in pieces), default=0)
    if not marked or substance < SHORTEST_PART or not any(is_word(token) for token in pieces[0].tokens):
        return [], False
    return pieces, open_ended


def _piece_runs(piece: _Piece, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[TokenSpan]:
    whole = list(token_runs(piece.tokens, lines, vocabulary))
    yield from whole
    if whole or not piece.cut or len(piece.tokens) < 2:
        return
    for part in token_runs(piece.tokens[:-1], lines, vocabulary):
        if part.end < len(lines.tokens) and lines.tokens[part.end].startswith(piece.tokens[-1]):
            yield TokenSpan(part.begin, part.end + 1, part.cost)


def _chain(first: TokenSpan, following: Sequence[Sequence[TokenSpan]], lines: CodeLines) -> list[TokenSpan]:
    """The nearest place of each following piece after the one before; empty if a piece is missing."""
    chain, latest = [first], lines.line_of[first.begin] + _MOST_LINES
    for places in following:
        at = bisect_left(places, chain[-1].end, key=lambda part: part.begin)
        if at == len(places) or lines.line_of[places[at].begin] > latest:
            return []
        chain.append(places[at])
    return chain


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
