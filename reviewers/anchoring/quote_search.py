"""Change here how far a quote may differ from the code: white space, wrapping, quote marks, a part of a line, marked gaps, one misspelling.

It may never add, drop or replace a token that carries meaning.
"""

from collections.abc import Callable, Iterator, Sequence
from math import log

from rapidfuzz.distance import OSA

from reviewers.anchoring.code_tokens import (
    Vocabulary,
    code_tokens,
    follows_negation,
    in_brackets,
    is_word,
    normalize_tokens,
)
from reviewers.anchoring.quote_elisions import find_with_elisions
from reviewers.anchoring.quote_lines import (
    BARE,
    FOLDED,
    INSIDE,
    SHORTEST_PART,
    SPACED,
    CodeLines,
    Match,
    TokenSpan,
    indentation_cost,
    token_runs,
)
from reviewers.anchoring.quote_variants import Quote

# The cost of a match is the negative logarithm of the probability that a model changes a quote this way.
_REWRAPPED, _BEGINNING, ONE_EDIT = 0.5, 1.5, 2.5
# The minimum letters of a word that may be misspelled, and the maximum tokens of a quote that is searched with a misspelling.
_SHORTEST_WORD, _MOST_TOKENS = 5, 400

Search = Callable[[Quote, CodeLines, Vocabulary], Iterator[Match]]


def find_verbatim(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Runs of whole lines that are equal except for white space; a different indentation is a worse match if any was quoted."""
    spaced = SPACED if quote.lines[0][:1].isspace() else BARE
    exact, wanted = [line.rstrip() for line in quote.lines], [tuple(code_tokens(line)) for line in quote.lines]
    size = len(wanted)
    for at in range(len(lines) - size + 1):
        if lines.by_line[at] == wanted[0] and lines.by_line[at : at + size] == wanted:
            same = lines.exact[at : at + size] == exact
            yield Match(at, at + size - 1, True, 0.0 if same else spaced)


def find_reformatted(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Runs of whole lines that differ in quote marks, case or wrapping."""
    for part in _runs(quote, lines, vocabulary):
        if lines.starts_line(part.begin) and lines.ends_line(part.end):
            yield _match(quote, lines, part, _REWRAPPED)


def find_partial(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Runs of lines of which one part was quoted, or several parts with a mark for each gap."""
    for part in _runs(quote, lines, vocabulary):
        if not (lines.starts_line(part.begin) and lines.ends_line(part.end)) and _permitted(lines, part):
            yield _match(quote, lines, part, _part_cost(lines, part))
    yield from find_with_elisions(quote, lines, vocabulary)


def find_misspelled(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[Match]:
    """Runs of lines in which one word of the quote differs by one edit."""
    wanted = normalize_tokens(_tokens(quote.lines))
    if not 1 <= len(wanted) <= _MOST_TOKENS:
        return
    for at, word in enumerate(wanted):
        if len(word) < _SHORTEST_WORD - 1 or not _spellable(word) or word in vocabulary:
            continue
        for begin in _around(wanted, at, lines):
            meant = lines.tokens[begin + at]
            if len(meant) >= _SHORTEST_WORD and _spellable(meant) and OSA.distance(word, meant, score_cutoff=1) == 1:
                part = TokenSpan(begin, begin + len(wanted), ONE_EDIT)
                whole = lines.starts_line(part.begin) and lines.ends_line(part.end)
                if whole or (_permitted(lines, part) and not (quote.at_line_start and not lines.starts_line(begin))):
                    yield _match(quote, lines, part, 0.0 if whole else _part_cost(lines, part))


def _tokens(texts: Sequence[str]) -> list[str]:
    return [token for text in texts for token in code_tokens(text)]


def _spellable(word: str) -> bool:
    return is_word(word) and not any(char.isdigit() for char in word)


def _around(wanted: Sequence[str], at: int, lines: CodeLines) -> Iterator[int]:
    """Where all of the tokens except the one at `at` match, found by the longer side of it."""
    before, after = wanted[:at], wanted[at + 1 :]
    if not before and not after:
        yield from range(len(lines.tokens))
        return
    left = len(before) >= len(after)
    for place in lines.run.find(before if left else after):
        begin = place if left else place - at - 1
        if begin < 0 or begin + len(wanted) > len(lines.tokens):
            continue
        if lines.tokens[begin : begin + at] == before and lines.tokens[begin + at + 1 : begin + len(wanted)] == after:
            yield begin


def _runs(quote: Quote, lines: CodeLines, vocabulary: Vocabulary) -> Iterator[TokenSpan]:
    """Every place with the tokens of the quote in a row; a spelling in another case that the files contain is another word."""
    for part in token_runs(normalize_tokens(_tokens(quote.lines)), lines, vocabulary):
        if not quote.at_line_start or lines.starts_line(part.begin):
            yield part


def _permitted(lines: CodeLines, part: TokenSpan) -> bool:
    """Whether a part has the meaning of the whole line: not cut off from its negation, not cut inside brackets that it opened."""
    if sum(len(token) for token in lines.tokens[part.begin : part.end]) < SHORTEST_PART:
        return False
    return not in_brackets(lines.tokens[part.begin : part.end]) and not follows_negation(lines.before(part.begin))


def _match(quote: Quote, lines: CodeLines, part: TokenSpan, cost: float) -> Match:
    first, last = lines.line_of[part.begin], lines.line_of[part.end - 1]
    marks = 0.0 if _same_marks(quote, lines, part) else FOLDED
    return Match(first, last, False, part.cost + cost + marks + indentation_cost(quote.lines[0], lines.exact[first]))


def _same_marks(quote: Quote, lines: CodeLines, part: TokenSpan) -> bool:
    first, last = lines.line_of[part.begin], lines.line_of[part.end - 1]
    shown = "".join(token for line in lines.by_line[first : last + 1] for token in line)
    return "".join(_tokens(quote.lines)) in shown or part.cost > 0


def _part_cost(lines: CodeLines, part: TokenSpan) -> float:
    """The cost of a part for its length: a longer line can be cut at more places, so each place is less likely."""
    end = part.end
    while not lines.ends_line(end):
        end += 1
    start = part.begin - len(lines.before(part.begin))
    whole = sum(len(token) for token in lines.tokens[start:end])
    held = sum(len(token) for token in lines.tokens[part.begin : part.end])
    return (_BEGINNING if start == part.begin else INSIDE) + log(whole / held)
