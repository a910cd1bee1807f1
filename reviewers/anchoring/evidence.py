"""Change here what a vote or a claim must quote to count as one with evidence."""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reviewers.anchoring import quote_variants
from reviewers.anchoring.anchor import find_file, vocabulary_of
from reviewers.anchoring.code_tokens import Vocabulary, code_tokens, is_word
from reviewers.anchoring.path_matching import match_path
from reviewers.anchoring.quote_lines import CodeLines, Match
from reviewers.anchoring.quote_search import find_partial, find_reformatted, find_verbatim
from reviewers.anchoring.quote_variants import Quote
from reviewers.context.hidden_characters import show_hidden
from reviewers.context.snapshot import Snapshot
from reviewers.values.finding import CitedLine, Discarded, Evidence, Finding, FindingClaim
from reviewers.values.verdict import Stance

# A lone bracket or `else:` proves nothing.
_LEAST_LETTERS = 4
_LONGEST = 600
_SPAN = re.compile(r"`([^`\n]+)`")


Texts = Mapping[str, str]


class CitedEvidence(NamedTuple):
    """The evidence that a vote claims: a line of a file or a log, by name, number (0 if unknown) and text."""

    stance: Stance
    evidence: str
    path: str
    line: int
    quote: str


def find_evidence(vote: CitedEvidence, finding: Finding, snapshot: Snapshot, elsewhere: Texts = MappingProxyType({})) -> Evidence | None:
    """The line that supports a vote, or None if it is not shown or proves nothing.

    `elsewhere` are the texts of cited files of the head that the change left alone, by path.

    A confirmation may use the finding's own line. A rejection needs another line, or names the part of that line which contradicts it.
    """
    vocabulary = vocabulary_of(snapshot)
    for path, text in _texts(vote.path, snapshot, elsewhere):
        evidence = _find(vote, path, text, vocabulary)
        if evidence is not None:
            refused = vote.stance is Stance.REJECT and not _refutes(vote, evidence, finding)
            return None if refused else evidence
    return None


def with_evidence(finding: Finding | Discarded, claim: FindingClaim, snapshot: Snapshot, elsewhere: Texts) -> Finding | Discarded:
    """The finding with those of its claim's cited lines that exist; its own line adds no proof."""
    if isinstance(finding, Discarded):
        return finding
    found = [evidence for cited in claim.evidence if (evidence := _find_cited(cited, snapshot, elsewhere)) is not None]
    own = _rows(finding.quote)
    kept = [evidence for evidence in found if evidence.path != finding.location.path or _rows(evidence.quote) - own]
    return finding.model_copy(update={"evidence": tuple(dict.fromkeys(kept))})


def find_code(cited: CitedLine, snapshot: Snapshot, elsewhere: Texts) -> Evidence | None:
    """The line of code, not of a log, at the cited place, or None."""
    evidence = _find_cited(cited, snapshot, elsewhere)
    is_code = evidence is not None and (snapshot.file(evidence.path) is not None or evidence.path in elsewhere)
    return evidence if is_code else None


def _find_cited(cited: CitedLine, snapshot: Snapshot, elsewhere: Texts) -> Evidence | None:
    """The line of any file of the head that a claim cites, or None if it is not there."""
    vote = CitedEvidence(Stance.CONFIRM, "", cited.path, cited.line or 0, cited.quote)
    vocabulary = vocabulary_of(snapshot)
    found = (_find(vote, path, text, vocabulary) for path, text in _texts(cited.path, snapshot, elsewhere))
    return next((evidence for evidence in found if evidence is not None), None)


def _find(vote: CitedEvidence, path: str, text: str, vocabulary: Vocabulary) -> Evidence | None:
    quotes = quote_variants.variants(vote.quote)
    if not quotes or sum(char.isalnum() for char in vote.quote) < _LEAST_LETTERS:
        return None
    rows = text.split("\n")
    match = _nearest(quotes, CodeLines([show_hidden(row) for row in rows]), vocabulary, vote.line)
    if match is None:
        return None
    held = [row.removesuffix("\r") for row in rows[match.first : match.last + 1]]
    return Evidence(path=path, line=match.first + 1, quote="\n".join(held)[:_LONGEST])


def _rows(quote: str) -> set[str]:
    return {" ".join(row.split()) for row in quote.split("\n") if row.strip()}


def _texts(path: str, snapshot: Snapshot, elsewhere: Texts) -> Iterator[tuple[str, str]]:
    """The texts that can be quoted under that name: the head and the base of a file, a file elsewhere, or logs of failing checks."""
    file = find_file(path, snapshot)
    if file is not None:
        yield from ((file.path, text) for text in (file.head, file.base) if text)
        if file.head is None and file.patch:
            yield file.path, "\n".join(row[1:] for row in file.patch.split("\n") if row[:1] in (" ", "+", "-"))
        return
    wanted = match_path(path, elsewhere)
    if wanted is not None:
        yield wanted, elsewhere[wanted]
        return
    named = [check for check in snapshot.failing_checks if check.name == path.strip()]
    yield from ((check.name, "\n".join(check.lines)) for check in named or snapshot.failing_checks)


def _nearest(quotes: Sequence[Quote], lines: CodeLines, vocabulary: Vocabulary, line: int) -> Match | None:
    for search in (find_verbatim, find_reformatted, find_partial):
        matches = [match for quote in quotes for match in search(quote, lines, vocabulary)]
        if matches:
            return min(matches, key=lambda match: (abs(match.first + 1 - line) if line else 0, match.cost, match.first))
    return None


def _refutes(vote: CitedEvidence, evidence: Evidence, finding: Finding) -> bool:
    """Whether a quoted line may refute a finding: it is another line, or a part of it is named that speaks against the finding."""
    if evidence.path != finding.location.path or _rows(evidence.quote) - _rows(finding.quote):
        return True
    shown = code_tokens(evidence.quote)
    for span in _SPAN.findall(vote.evidence):
        tokens = code_tokens(span)
        inside = any(shown[at : at + len(tokens)] == tokens for at in range(len(shown) - len(tokens) + 1))
        if inside and len(tokens) < len(shown) and any(is_word(token) for token in tokens):
            return True
    return False
