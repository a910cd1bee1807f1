"""Change here what a vote must quote to count as one with evidence."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from reviewers import quoting
from reviewers.anchoring import find_file, vocabulary_of
from reviewers.code_tokens import Vocabulary, code_tokens, is_word
from reviewers.context.invisible import visible
from reviewers.context.snapshot import Snapshot
from reviewers.finding import Evidence, Finding
from reviewers.quote_lines import CodeLines, Match
from reviewers.quote_search import find_partial, find_reformatted, find_verbatim
from reviewers.quoting import Quote
from reviewers.verdict import Stance

# A lone bracket or `else:` decides nothing.
_LEAST_LETTERS = 4
_LONGEST = 600
_SPAN = re.compile(r"`([^`\n]+)`")


class Cited(NamedTuple):
    """What a vote says it rests on: a line of a file or a log, by name, number (0 if unknown) and text."""

    stance: Stance
    evidence: str
    path: str
    line: int
    quote: str


def find_evidence(vote: Cited, finding: Finding, snapshot: Snapshot) -> Evidence | None:
    """The line that a vote rests on, or None where it is not shown or decides nothing.

    A confirmation may rest on the finding's own line. A rejection rests on another, or names the part of that line which contradicts it.
    """
    quotes = quoting.variants(vote.quote)
    if not quotes or sum(char.isalnum() for char in vote.quote) < _LEAST_LETTERS:
        return None
    vocabulary = vocabulary_of(snapshot)
    for path, text in _texts(vote.path, snapshot):
        rows = text.split("\n")
        lines = CodeLines([visible(row) for row in rows])
        match = _nearest(quotes, lines, vocabulary, vote.line)
        if match is not None:
            held = [row.removesuffix("\r") for row in rows[match.first : match.last + 1]]
            if vote.stance is Stance.REJECT and not _refutes(vote, held, finding):
                return None
            return Evidence(path=path, line=match.first + 1, quote="\n".join(held)[:_LONGEST])
    return None


def _texts(path: str, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """What a vote may quote under that name: the head and the base of a file, or the logs of the failing checks."""
    file = find_file(path, snapshot)
    if file is not None:
        yield from ((file.path, text) for text in (file.head, file.base) if text)
        if file.head is None and file.patch:
            yield file.path, "\n".join(row[1:] for row in file.patch.split("\n") if row[:1] in (" ", "+", "-"))
        return
    named = [check for check in snapshot.failing_checks if check.name == path.strip()]
    yield from ((check.name, "\n".join(check.lines)) for check in named or snapshot.failing_checks)


def _nearest(quotes: Sequence[Quote], lines: CodeLines, vocabulary: Vocabulary, line: int) -> Match | None:
    for search in (find_verbatim, find_reformatted, find_partial):
        matches = [match for quote in quotes for match in search(quote, lines, vocabulary)]
        if matches:
            return min(matches, key=lambda match: (abs(match.first + 1 - line) if line else 0, match.cost, match.first))
    return None


def _refutes(vote: Cited, held: Sequence[str], finding: Finding) -> bool:
    """Whether a quoted line may refute a finding: it is not the finding's own, or a part of it is named that speaks against it."""
    own = {" ".join(row.split()) for row in finding.quote.split("\n")}
    if any(" ".join(row.split()) not in own for row in held if row.strip()):
        return True
    shown = code_tokens("\n".join(held))
    for span in _SPAN.findall(vote.evidence):
        tokens = code_tokens(span)
        inside = any(shown[at : at + len(tokens)] == tokens for at in range(len(shown) - len(tokens) + 1))
        if inside and len(tokens) < len(shown) and any(is_word(token) for token in tokens):
            return True
    return False
