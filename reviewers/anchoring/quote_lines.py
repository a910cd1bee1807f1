"""Change here how lines are indexed for the search for quotes, and which tokens count as the same."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from reviewers.anchoring.code_tokens import TokenRun, Vocabulary, code_tokens, normalize_tokens

# The cost of a match is the negative logarithm of the probability that a model changes a quote this way.
FOLDED = 2.0
# Indentation is often dropped, rarely invented; a part is more often the beginning of a line than its middle.
BARE, SPACED, INSIDE = 0.7, 4.0, 3.0
# Characters of a part, without white space.
SHORTEST_PART = 4


class Match(NamedTuple):
    """Indexes of the first and last line; `whole` if exactly these lines were quoted; `cost` is 0 for verbatim."""

    first: int
    last: int
    whole: bool
    cost: float


class TokenSpan(NamedTuple):
    """A run of tokens of the lines, by the index of its first token and of the one after its last."""

    begin: int
    end: int
    cost: float


class CodeLines:
    """A run of lines and their tokens, in the forms that a quote is compared with."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.exact = [text.rstrip() for text in texts]
        self.by_line = [tuple(code_tokens(text)) for text in texts]
        self.tokens = normalize_tokens([token for line in self.by_line for token in line])
        self.line_of = [number for number, line in enumerate(self.by_line) for _ in line]
        self.run = TokenRun(self.tokens)

    @cached_property
    def folded(self) -> TokenRun:
        """The tokens in lower case."""
        return TokenRun([token.casefold() for token in self.tokens])

    def __len__(self) -> int:
        return len(self.exact)

    def starts_line(self, token: int) -> bool:
        """Whether a token is the first of its line."""
        return token == 0 or self.line_of[token - 1] != self.line_of[token]

    def ends_line(self, end: int) -> bool:
        """Whether the token before `end` is the last of its line."""
        return end == len(self.tokens) or self.line_of[end] != self.line_of[end - 1]

    def before(self, token: int) -> list[str]:
        """The tokens of the same line before a token."""
        start = token
        while not self.starts_line(start):
            start -= 1
        return self.tokens[start:token]


def token_runs(wanted: Sequence[str], lines: CodeLines, vocabulary: Vocabulary) -> Iterator[TokenSpan]:
    """Every place with these tokens in a row, ignoring case if none is exact; a spelling known to the files is another word."""
    if not wanted:
        return
    size, exact = len(wanted), False
    for begin in lines.run.find(wanted):
        exact = True
        yield TokenSpan(begin, begin + size, 0.0)
    if exact:
        return
    for begin in lines.folded.find([token.casefold() for token in wanted]):
        pairs = zip(wanted, lines.tokens[begin : begin + size], strict=True)
        if not any(token != other and token in vocabulary for token, other in pairs):
            yield TokenSpan(begin, begin + size, FOLDED)


def indentation_cost(quoted: str, line: str) -> float:
    """The cost of a different indentation."""
    indent = indentation(quoted)
    return 0.0 if indent == indentation(line) else SPACED if indent else BARE


def indentation(line: str) -> str:
    """The white space at the beginning of a line."""
    return line[: len(line) - len(line.lstrip())]
