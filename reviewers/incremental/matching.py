"""Decides whether a finding repeats an earlier one in other words: by its place first, then by its words."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from rapidfuzz import fuzz

from reviewers.context.redaction import mask
from reviewers.council.learned_models import shipped_models
from reviewers.council.similarity import SeatText
from reviewers.council.text_features import code_names
from reviewers.incremental.alignment import strip_spaces
from reviewers.values.finding import Finding, Location, Severity

# The maximum distance between a finding and its earlier twin, in lines.
_NEAR = 3
# Log-odds that places add to those of the words; the words were learned on findings of single reviews.
# If the earlier finding's code was replaced, its place counts no more than one nearby.
_ON_IT, _OVERLAPPING, _NEAR_IT, _OTHER_KIND = 3.0, 1.5, 1.0, -1.0
# The minimum share of a line's code that must remain for it to be the flagged line.
_SAME_CODE, _TELLING = 80.0, 6

Added = Mapping[str, frozenset[int]]


class NewFinding(NamedTuple):
    """A finding of this round; `voices` are the seats that raised it."""

    finding: Finding
    fingerprint: str
    voices: frozenset[str] = frozenset()


class EarlierFinding(NamedTuple):
    """An earlier finding at its present place; `around` are the lines that replaced its own."""

    finding: Finding
    location: Location
    fingerprint: str
    around: tuple[int, ...] = ()
    voices: frozenset[str] = frozenset()

    @property
    def own(self) -> frozenset[int]:
        """The lines that it is about, or that replaced them."""
        return frozenset(self.around) or _lines(self.location)


def match_findings(
    fresh: Sequence[NewFinding],
    earlier: Sequence[EarlierFinding],
    new: Added = {},  # noqa: B006 - never changed
    several: bool = False,
) -> list[tuple[int, ...]]:
    """For each new finding the indexes of the earlier ones it repeats, () if new: its twin, then others whose seats all raise this now.

    `new` are the lines of each path that could not be seen before; lines that replaced those of an earlier finding are not new. A finding
    on the code of an earlier finding and on no new line repeats it, in any words. If two are on one line, each repeats its own: the most
    certain pairs first, and an earlier one is repeated once. A second one of another category is new, because two findings that were
    kept apart are two, unless `several` may repeat one.
    """
    if not earlier or not fresh:
        return [()] * len(fresh)
    words = _words(fresh, earlier)
    by_words: list[_Pair] = []
    by_place: list[_Pair] = []
    news = _news(new, earlier)
    for row, one in enumerate(fresh):
        is_news = bool(_lines(one.finding.location) & news.get(one.finding.location.path or "", frozenset()))
        for at, each in enumerate(earlier):
            told = _by_words(one, each, words[row][at], is_news)
            if told > 0:
                by_words.append(_Pair((told,), row, at))
            if not is_news and _on_its_code(one.finding, each):
                by_place.append(_Pair((len(one.voices & each.voices), *_in_common(one.finding, each), words[row][at]), row, at))
    twins = _Twins(fresh, earlier)
    twins.give(by_words, twins.is_free)
    twins.give(by_place, twins.is_free)
    twins.give(by_words, lambda _: True)
    twins.give(by_place, lambda pair: several or twins.may_share(pair))
    joined = twins.joined(by_place)
    return [(twins.found[row], *joined.get(row, ())) if row in twins.found else () for row in range(len(fresh))]


class _Pair(NamedTuple):
    """A new finding and an earlier one that it may repeat, by their index; a higher value is more certain."""

    sure: tuple[float, ...]
    row: int
    at: int


class _Twins:
    """The pairs found so far: which new finding repeats which earlier one."""

    def __init__(self, fresh: Sequence[NewFinding], earlier: Sequence[EarlierFinding]) -> None:
        self._fresh, self._earlier = fresh, earlier
        self.found: dict[int, int] = {}
        self.takers: dict[int, list[int]] = {}

    def give(self, pairs: Sequence[_Pair], may: Callable[[_Pair], bool]) -> None:
        """Assign the most certain pairs first, to findings that have no twin yet."""
        for pair in sorted(pairs, reverse=True):
            if pair.row not in self.found and may(pair):
                self.found[pair.row] = pair.at
                self.takers.setdefault(pair.at, []).append(pair.row)

    def joined(self, pairs: Sequence[_Pair]) -> dict[int, list[int]]:
        """By new finding, the unmatched earlier ones on its code whose seats all raised it: two findings became one."""
        found: dict[int, list[int]] = {}
        for pair in sorted(pairs, reverse=True):
            voices = self._earlier[pair.at].voices
            if self.is_free(pair) and pair.row in self.found and voices and voices <= self._fresh[pair.row].voices:
                self.takers[pair.at] = [pair.row]
                found.setdefault(pair.row, []).append(pair.at)
        return found

    def is_free(self, pair: _Pair) -> bool:
        """Whether no new finding repeats that earlier one yet."""
        return pair.at not in self.takers

    def may_share(self, pair: _Pair) -> bool:
        """Whether it may repeat an earlier one that another repeats already: of its category, or by seats that now raise only this."""
        one, each = self._fresh[pair.row], self._earlier[pair.at]
        heard = {voice for row in self.takers.get(pair.at, ()) for voice in self._fresh[row].voices}
        own = one.voices & each.voices
        return one.finding.category == each.finding.category or bool(own and not own & heard)


def _words(fresh: Sequence[NewFinding], earlier: Sequence[EarlierFinding]) -> list[list[float]]:
    """By new and earlier finding, how far the log-odds of their words exceed the level at which they are one."""
    said = [SeatText("earlier", f"{each.finding.title}\n{each.finding.body}") for each in earlier]
    said += [SeatText(each.finding.seat or "now", f"{each.finding.title}\n{each.finding.body}") for each in fresh]
    odds = shipped_models().pairs.odds(said)
    level = _logit(shipped_models().pairs.threshold)
    return [[float(odds[len(earlier) + row, column]) - level for column in range(len(earlier))] for row in range(len(fresh))]


def _by_words(fresh: NewFinding, each: EarlierFinding, words: float, is_news: bool) -> float:
    """Above 0 if words and distance say that the finding is the same; higher is more certain."""
    finding = fresh.finding
    if fresh.fingerprint == each.fingerprint:
        return math.inf
    if finding.location.path != each.location.path:
        return -math.inf
    kind = 0.0 if finding.category == each.finding.category else _OTHER_KIND
    distance = _distance(finding.location, each)
    if distance == 0 and not is_news and (not each.around or _alike(finding.quote, each.finding.quote) >= _SAME_CODE):
        _, one_end = _in_common(finding, each)
        return words + (_ON_IT if one_end else _OVERLAPPING) + kind + _named(finding, each.finding)
    if distance > 0 and _of_other_names(finding, each.finding):
        return -math.inf
    if distance <= _NEAR or (finding.symbol and finding.symbol == each.finding.symbol):
        return words + _NEAR_IT + kind
    return words + kind


def _on_its_code(finding: Finding, each: EarlierFinding) -> bool:
    """Whether it is on the lines of an earlier finding, or on those that replaced them."""
    if finding.location.path != each.location.path or _distance(finding.location, each) > 0 or _graver(finding, each.finding):
        return False
    return _alike(finding.quote, each.finding.quote) >= _SAME_CODE


def _in_common(finding: Finding, each: EarlierFinding) -> tuple[float, bool]:
    """The share of lines that they have in common, and whether both end on the same line, where a comment is anchored."""
    lines = _lines(finding.location)
    return len(lines & each.own) / max(1, len(lines | each.own)), bool(lines and each.own) and max(lines) == max(each.own)


def _news(new: Added, earlier: Sequence[EarlierFinding]) -> Added:
    """The new lines, without those that replaced the lines of an earlier finding."""
    own: dict[str, set[int]] = {}
    for each in earlier:
        own.setdefault(each.location.path or "", set()).update(each.own)
    return {path: lines - own.get(path, set()) for path, lines in new.items()}


def _lines(where: Location) -> frozenset[int]:
    return frozenset() if where.line is None else frozenset(range(where.start_line or where.line, where.line + 1))


def _distance(where: Location, each: EarlierFinding) -> int:
    """Lines between two places, 0 if they overlap; a note on the file is near to all of it."""
    if where.line is None or each.location.line is None:
        return _NEAR
    first, last = where.start_line or where.line, where.line
    spans = [(each.location.start_line or each.location.line, each.location.line)] if not each.around else []
    spans += [(number, number) for number in each.around]
    return min(max(start - last, first - end, 0) for start, end in spans)


def _alike(one: str, two: str) -> float:
    """How much of the shorter quote is in the other, 0 to 100; stored quotes have their secrets masked."""
    first, second = strip_spaces(mask(one)), strip_spaces(mask(two))
    return fuzz.partial_ratio(first, second) if min(len(first), len(second)) >= _TELLING else 100.0 * (first == second)


def _graver(finding: Finding, said: Finding) -> bool:
    return finding.severity is Severity.CRITICAL and said.severity is not Severity.CRITICAL


def _named(finding: Finding, said: Finding) -> float:
    """Code names that both mention make a match more likely."""
    shared = code_names(f"{finding.title} {finding.body}") & code_names(f"{said.title} {said.body}")
    return min(2.0, 0.7 * len(shared))


def _of_other_names(finding: Finding, said: Finding) -> bool:
    """Whether the titles name code and share no name: `a` undefined here is not `b` undefined there, however similar the words."""
    first, second = code_names(finding.title), code_names(said.title)
    return bool(first and second) and not first & second


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
