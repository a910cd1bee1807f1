"""Whether a finding says what was said before, in whatever words: by its place first, then by its words."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from reviewers.context.redaction import mask
from reviewers.continuing.alignment import plain
from reviewers.council.learned import shipped
from reviewers.council.likeness import Said
from reviewers.council.wording import names
from reviewers.finding import Finding, Location, Severity

# How far from an earlier finding's lines its twin may stand, in lines.
_NEAR = 3
# Log-odds that places add to what the words say; the words were learned on findings of one review.
# Where its code became another, a place says no more than one nearby.
_ON_IT, _NEAR_IT, _OTHER_KIND = 3.0, 1.0, -1.0
# From how much of its code on a line is still the line that was flagged.
_SAME_CODE, _TELLING = 80.0, 6

Added = Mapping[str, frozenset[int]]


class Earlier(NamedTuple):
    """A finding that was said before, at the place where it stands now; `around` are the lines that replaced its own."""

    finding: Finding
    location: Location
    fingerprint: str
    around: tuple[int, ...] = ()


def match(
    fresh: Sequence[tuple[Finding, str]],
    earlier: Sequence[Earlier],
    new: Added = {},  # noqa: B006 - never changed
    several: bool = False,
) -> list[int | None]:
    """For each new finding and its fingerprint the index of the earlier one that it repeats; None for what is new.

    `new` are the lines of each path that could not be seen before. What stands on the code of an earlier finding repeats it, in
    whatever words; of another kind of defect only one may, for two that nobody took for one are two, unless `several` may.
    """
    if not earlier or not fresh:
        return [None] * len(fresh)
    said = [Said("earlier", f"{each.finding.title}\n{each.finding.body}") for each in earlier]
    said += [Said(finding.seat or "now", f"{finding.title}\n{finding.body}") for finding, _ in fresh]
    odds = shipped().pairs.odds(said)
    level = _logit(shipped().pairs.threshold)
    words = [[float(odds[len(earlier) + row, column]) - level for column in range(len(earlier))] for row in range(len(fresh))]
    found: list[int | None] = [None] * len(fresh)
    by_place = []
    for row, (finding, print_) in enumerate(fresh):
        told = [_by_words(finding, print_, each, words[row][column]) for column, each in enumerate(earlier)]
        best = max(range(len(earlier)), key=told.__getitem__)
        if told[best] > 0:
            found[row] = best
            continue
        by_place += [(words[row][at], row, at) for at, each in enumerate(earlier) if _on_its_code(finding, each, new)]
    taken = {at for at in found if at is not None}
    for _, row, at in sorted(by_place, reverse=True):
        if found[row] is None and (several or at not in taken or fresh[row][0].category == earlier[at].finding.category):
            found[row] = at
            taken.add(at)
    return found


def _by_words(finding: Finding, fingerprint: str, each: Earlier, words: float) -> float:
    """Above 0 where the words, and how near it stands, say that it is the same; the higher the surer."""
    if fingerprint == each.fingerprint:
        return math.inf
    if finding.location.path != each.location.path:
        return -math.inf
    kind = 0.0 if finding.category == each.finding.category else _OTHER_KIND
    distance = _distance(finding.location, each)
    if distance == 0 and (not each.around or _alike(finding.quote, each.finding.quote) >= _SAME_CODE):
        return words + _ON_IT + kind + _named(finding, each.finding)
    if distance <= _NEAR or (finding.symbol and finding.symbol == each.finding.symbol):
        return words + _NEAR_IT + kind
    return words + kind


def _on_its_code(finding: Finding, each: Earlier, new: Added) -> bool:
    """Whether it stands on the lines of an earlier finding, or on what they became, and on no line that is news of its own."""
    if finding.location.path != each.location.path or _distance(finding.location, each) > 0 or _graver(finding, each.finding):
        return False
    where = finding.location
    own = set(each.around) or set(range(each.location.start_line or each.location.line or 0, (each.location.line or 0) + 1))
    stands = set(range(where.start_line or where.line or 0, (where.line or 0) + 1))
    if (stands & new.get(where.path or "", frozenset())) - own:
        return False
    return _alike(finding.quote, each.finding.quote) >= _SAME_CODE


def _distance(where: Location, each: Earlier) -> int:
    """Lines between two places, 0 where they overlap; a note on the file is near to all of it."""
    if where.line is None or each.location.line is None:
        return _NEAR
    first, last = where.start_line or where.line, where.line
    spans = [(each.location.start_line or each.location.line, each.location.line)] if not each.around else []
    spans += [(number, number) for number in each.around]
    return min(max(start - last, first - end, 0) for start, end in spans)


def _alike(one: str, two: str) -> float:
    """How much of the shorter quote stands in the other, 0 to 100; stored ones have their secrets masked."""
    first, second = plain(mask(one)), plain(mask(two))
    return fuzz.partial_ratio(first, second) if min(len(first), len(second)) >= _TELLING else 100.0 * (first == second)


def _graver(finding: Finding, said: Finding) -> bool:
    return finding.severity is Severity.CRITICAL and said.severity is not Severity.CRITICAL


def _named(finding: Finding, said: Finding) -> float:
    """Names of code that both mention make them one more probably."""
    shared = names(f"{finding.title} {finding.body}") & names(f"{said.title} {said.body}")
    return min(2.0, 0.7 * len(shared))


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
