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

    @property
    def own(self) -> frozenset[int]:
        """The lines that it is about, or that those became."""
        return frozenset(self.around) or _lines(self.location)


def match(
    fresh: Sequence[tuple[Finding, str]],
    earlier: Sequence[Earlier],
    new: Added = {},  # noqa: B006 - never changed
    several: bool = False,
) -> list[int | None]:
    """For each new finding and its fingerprint the index of the earlier one that it repeats; None for what is new.

    `new` are the lines of each path that could not be seen before; those that an earlier finding's became are no news. What stands on
    the code of an earlier finding and on no news repeats it, in whatever words; of another kind of defect only one may, for two that
    nobody took for one are two, unless `several` may.
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
    news = _news(new, earlier)
    for row, (finding, print_) in enumerate(fresh):
        is_news = bool(_lines(finding.location) & news.get(finding.location.path or "", frozenset()))
        told = [_by_words(finding, print_, each, words[row][column], is_news) for column, each in enumerate(earlier)]
        best = max(range(len(earlier)), key=told.__getitem__)
        if told[best] > 0:
            found[row] = best
            continue
        standing = () if is_news else [at for at, each in enumerate(earlier) if _on_its_code(finding, each)]
        by_place += [(*_in_common(finding, earlier[at]), words[row][at], row, at) for at in standing]
    taken = {at for at in found if at is not None}
    for *_, row, at in sorted(by_place, reverse=True):
        if found[row] is None and (several or at not in taken or fresh[row][0].category == earlier[at].finding.category):
            found[row] = at
            taken.add(at)
    return found


def _by_words(finding: Finding, fingerprint: str, each: Earlier, words: float, is_news: bool) -> float:
    """Above 0 where the words, and how near it stands, say that it is the same; the higher the surer."""
    if fingerprint == each.fingerprint:
        return math.inf
    if finding.location.path != each.location.path:
        return -math.inf
    kind = 0.0 if finding.category == each.finding.category else _OTHER_KIND
    distance = _distance(finding.location, each)
    if distance == 0 and not is_news and (not each.around or _alike(finding.quote, each.finding.quote) >= _SAME_CODE):
        return words + _ON_IT + kind + _named(finding, each.finding)
    if distance > 0 and _of_other_names(finding, each.finding):
        return -math.inf
    if distance <= _NEAR or (finding.symbol and finding.symbol == each.finding.symbol):
        return words + _NEAR_IT + kind
    return words + kind


def _on_its_code(finding: Finding, each: Earlier) -> bool:
    """Whether it stands on the lines of an earlier finding, or on what they became."""
    if finding.location.path != each.location.path or _distance(finding.location, each) > 0 or _graver(finding, each.finding):
        return False
    return _alike(finding.quote, each.finding.quote) >= _SAME_CODE


def _in_common(finding: Finding, each: Earlier) -> tuple[float, bool]:
    """The share of their lines that both stand on, and whether they end on the same one, where a comment is anchored."""
    lines = _lines(finding.location)
    return len(lines & each.own) / max(1, len(lines | each.own)), bool(lines and each.own) and max(lines) == max(each.own)


def _news(new: Added, earlier: Sequence[Earlier]) -> Added:
    """The new lines but for those that the lines of an earlier finding became."""
    own: dict[str, set[int]] = {}
    for each in earlier:
        own.setdefault(each.location.path or "", set()).update(each.own)
    return {path: lines - own.get(path, set()) for path, lines in new.items()}


def _lines(where: Location) -> frozenset[int]:
    return frozenset() if where.line is None else frozenset(range(where.start_line or where.line, where.line + 1))


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


def _of_other_names(finding: Finding, said: Finding) -> bool:
    """Whether the titles name code, and none of it in common: `a` undefined here is not `b` undefined there, however alike the words."""
    first, second = names(finding.title), names(said.title)
    return bool(first and second) and not first & second


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
