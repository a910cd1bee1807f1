"""Whether a finding says what was said before, in whatever words: by its place first, then by its words."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.context.redaction import mask
from reviewers.continuing.alignment import plain
from reviewers.council.learned import shipped
from reviewers.council.likeness import Said
from reviewers.council.wording import names
from reviewers.finding import Finding, Location, Severity

# How far from an earlier finding's lines its twin may stand, in lines.
_NEAR = 3
# Log-odds that places add to what the words say; the words were learned on findings of one review.
_ON_IT, _NEAR_IT, _OTHER_KIND = 3.0, 1.0, -1.0


class Earlier(NamedTuple):
    """A finding that was said before, at the place where it stands now; `around` are the lines that replaced its own."""

    finding: Finding
    location: Location
    fingerprint: str
    around: tuple[int, ...] = ()


def match(fresh: Sequence[tuple[Finding, str]], earlier: Sequence[Earlier]) -> list[int | None]:
    """For each new finding and its fingerprint the index of the earlier one that it repeats; None for what is new."""
    if not earlier or not fresh:
        return [None] * len(fresh)
    said = [Said("earlier", f"{each.finding.title}\n{each.finding.body}") for each in earlier]
    said += [Said(finding.seat or "now", f"{finding.title}\n{finding.body}") for finding, _ in fresh]
    odds = shipped().pairs.odds(said)
    level = _logit(shipped().pairs.threshold)
    found: list[int | None] = []
    for row, (finding, print_) in enumerate(fresh):
        scores = [_score(finding, print_, each, float(odds[len(earlier) + row, column]) - level) for column, each in enumerate(earlier)]
        best = max(range(len(earlier)), key=lambda index: scores[index])
        found.append(best if scores[best] > 0 else None)
    return found


def _score(finding: Finding, fingerprint: str, each: Earlier, words: float) -> float:
    """Above 0 where it is the same; the higher the surer."""
    if fingerprint == each.fingerprint:
        return math.inf
    if finding.location.path != each.location.path:
        return -math.inf
    same_kind = finding.category == each.finding.category
    distance = _distance(finding.location, each)
    if distance == 0 and same_kind and _same_code(finding, each) and not _graver(finding, each.finding):
        # The same lines and the same kind of defect: whoever could see one of two saw both.
        return 1.0 + max(0.0, words)
    kind = 0.0 if same_kind else _OTHER_KIND
    if distance == 0:
        return words + _ON_IT + kind + _named(finding, each.finding)
    if distance <= _NEAR or (finding.symbol and finding.symbol == each.finding.symbol):
        return words + _NEAR_IT + kind
    return words + kind


def _distance(where: Location, each: Earlier) -> int:
    """Lines between two places, 0 where they overlap; a note on the file is near to all of it."""
    if where.line is None or each.location.line is None:
        return _NEAR
    first, last = where.start_line or where.line, where.line
    spans = [(each.location.start_line or each.location.line, each.location.line)] if not each.around else []
    spans += [(number, number) for number in each.around]
    return min(max(start - last, first - end, 0) for start, end in spans)


def _same_code(finding: Finding, each: Earlier) -> bool:
    # A stored finding was quoted from what models are shown, with secrets masked.
    one, two = plain(mask(finding.quote)), plain(mask(each.finding.quote))
    return bool(one) and bool(two) and (one in two or two in one)


def _graver(finding: Finding, said: Finding) -> bool:
    return finding.severity is Severity.CRITICAL and said.severity is not Severity.CRITICAL


def _named(finding: Finding, said: Finding) -> float:
    """Names of code that both mention make them one more probably."""
    shared = names(f"{finding.title} {finding.body}") & names(f"{said.title} {said.body}")
    return min(2.0, 0.7 * len(shared))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
