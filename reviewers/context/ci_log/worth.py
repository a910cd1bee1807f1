"""Computes the worth of each line: its own weight plus a share of the weights around it."""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from reviewers.context.ci_log.candidates import candidates
from reviewers.context.ci_log.lines import LogLines
from reviewers.context.ci_log.noise import only_reports_success, routine
from reviewers.context.ci_log.rarity import rare_lines
from reviewers.context.ci_log.signals import ERROR, EXCEPTION, HEADING, RARE, TEST, FailureSignal, Signal, weigh
from reviewers.context.ci_log.steps import Step, frame_lines
from reviewers.context.ci_log.templates import template
from reviewers.context.ci_log.weights import WEIGHTS, LineWeights

WHOLE, UNSEEN, WEAK, LEAST = 5.0, 2.0, 0.4, 0.5
# A failed step up to this many bytes, about 1,500 tokens, is shown whole.
WHOLE_BYTES = 4_500
FEW_ARE_RARE = 25
IN_CAPITALS = 1.4
WORD = 5.0
# How strongly a line that only reports the end of a command looks like the cause.
ENDED = 0.25
END_LINES = 25
AHEAD, BEHIND = 160, 12
AROUND = 2
AFTER_MARK = 1
MOST_HITS = 2_000
# Each line takes at least one token, and no budget has more.
MOST_UNSEEN = 10_000
STRONG = 8.0
PIN = 9.0
FRAME = "the failed step"

_CAPITALS = re.compile(r"\b[A-Z]{4,30}\b")
_ENDED = re.compile(r"\bexit(?:ed|s)?\b|\bError [1-9]\d*$|status=[1-9]|^\W*(?:failed|BUILD FAIL\w{2,4}|Build failed)\W*$|exit status", re.I)
_CONTINUATION = re.compile(r"^(?: {2,}| *(?:at |from |File \"|E  |> |[+|^~-]|\d+ ?\||#\d|\.\.\.|Caused by|\[ERROR\]|npm ERR!))")


class Hit(NamedTuple):
    """A line that matched a signal; `weight` is after damping."""

    line: int
    weight: float
    kind: FailureSignal


class Scope:
    """The log, its failed steps, and which of its lines are in no passing run (None without a passing log)."""

    def __init__(self, lines: LogLines, steps: tuple[Step, ...], unseen: bytearray | None) -> None:
        self.lines = lines
        self.steps = steps
        self.unseen = unseen
        self._firsts = [step.first for step in steps]

    def inside(self, line: int) -> bool:
        if not self.steps:
            return True
        index = bisect_right(self._firsts, line) - 1
        return index >= 0 and line <= self.steps[index].last

    def open(self, line: int) -> bool:
        return self.unseen is None or bool(self.unseen[line])


class Worth:
    """`values` by line, without lines of no worth; `reasons` names the kind of each line that is a hit itself."""

    def __init__(self, scope: Scope, weights: LineWeights = WEIGHTS) -> None:
        self._scope = scope
        self._weights = weights
        self._lines = scope.lines
        self.values: dict[int, float] = {}
        self.reasons: dict[int, str] = {}
        self._marks = {step.last for step in scope.steps}
        hits = _hits(scope, weights)
        self._lead(hits)
        self._ends()
        self._pins()
        for hit in sorted(hits, key=lambda hit: -hit.weight)[:MOST_HITS]:
            self._spread(hit)

    def _raise(self, line: int, value: float) -> None:
        if value > self.values.get(line, 0.0):
            self.values[line] = value

    def _ends(self) -> None:
        """The last lines before each failure mark, or before the end of the log."""
        count = len(self._lines)
        for first, last in self._scope.steps or (Step(0, count - 1),):
            for line in range(max(first, last - 3 * END_LINES), last + 1):
                if self._scope.open(line) and not only_reports_success(self._lines.said(line)):
                    self._raise(line, self._weights.end * math.exp((line - last) / END_LINES))

    def _pins(self) -> None:
        """The name of the job, and the command and the failure mark of its failed steps: the context of all other lines."""
        for line in frame_lines(self._lines, self._scope.steps):
            if self._scope.open(line):
                self._raise(line, PIN)
                self.reasons[line] = FRAME

    def _lead(self, hits: list[Hit]) -> None:
        """The hits that share more weight with the lines after them: the first of each kind, and the first under a heading of failures."""
        inside = [hit for hit in hits if self._scope.inside(hit.line)]
        firsts: dict[str, int] = {}
        for hit in inside:
            if hit.weight >= 6:
                firsts.setdefault(hit.kind.reason, hit.line)
        self._reach = dict.fromkeys(firsts.values(), self._weights.first_of_a_kind)
        if strong := next((hit.line for hit in inside if hit.weight >= STRONG), None):
            self._reach[strong] = self._weights.first_of_all
        under = _under_headings(hits)
        self._under, self._until = under[0] if under else (-1, -1)
        self._announced = {line for line, _ in under}

    def _spread(self, hit: Hit) -> None:
        """Give a hit's lines their share: following lines that continue it, and some preceding ones."""
        ahead = max(hit.kind.ahead, self._reach.get(hit.line, 0.0))
        until, weight, blank = hit.line + AHEAD, hit.weight, min(ahead, (1 + ahead) / 2 - 0.03)
        if hit.line == self._under:
            until, ahead, blank = self._until, self._weights.first_under_heading, self._weights.first_under_heading
        if hit.line in self._announced:
            weight = max(weight, self._weights.announced)
        if hit.line in self._marks:
            # Lines after the mark of a failed step are cleanup.
            until = hit.line + AFTER_MARK
        self.reasons.setdefault(hit.line, hit.kind.reason)
        self._raise(hit.line, weight)
        value, unbroken = weight, True
        for line in range(hit.line + 1, min(len(self._lines), until)):
            text = self._lines.text(line)
            continued = bool(_CONTINUATION.match(text))
            unbroken = unbroken and continued
            value *= max(self._weights.continued, ahead) if continued else ahead if text else blank
            if value < LEAST:
                break
            if (self._scope.open(line) or unbroken) and not (hit.kind is RARE and only_reports_success(text)):
                self._raise(line, value if self._scope.open(line) else value * self._weights.seen)
        value = weight
        for line in range(hit.line - 1, max(-1, hit.line - BEHIND), -1):
            value *= hit.kind.behind if self._lines.text(line) else hit.kind.behind - 0.05
            if value < LEAST:
                break
            if self._scope.open(line) and not only_reports_success(self._lines.said(line)):
                self._raise(line, value)

    def lead(self, lines: Iterable[int]) -> float:
        """How strongly lines look like the cause: the worth of the best hit, without the frame of the step and its end."""
        return max((self._cause(line) for line in lines if self.reasons.get(line, FRAME) != FRAME), default=0.0)

    def _cause(self, line: int) -> float:
        ends = [step.last for step in self._scope.steps] or [len(self._lines) - 1]
        near = any(end - END_LINES <= line <= end + AFTER_MARK for end in ends)
        return self.values[line] * (ENDED if near and _ENDED.search(self._lines.said(line)) else 1.0)

    def floor(self, lines: Iterable[int], value: float) -> None:
        """Raise these lines to at least that worth."""
        for line in lines:
            self._raise(line, value)

    def widen(self) -> None:
        """Include the neighbors of useful lines as well."""
        last = len(self._lines) - 1
        self.floor((near for line in [*self.values] for near in range(max(0, line - AROUND), min(last, line + AROUND) + 1)), WEAK)

    def fill(self) -> None:
        """Lines for the remaining room: a failed step that fits whole, lines of no passing run, or else a little of the step."""
        scope = self._scope
        if scope.unseen is not None:
            self._fill_unseen(scope.unseen)
            return
        size = sum(self._lines.start(step.last + 1) - self._lines.start(step.first) for step in scope.steps)
        whole = bool(scope.steps) and size < WHOLE_BYTES
        for first, last in scope.steps:
            lines = range(max(first, last - 2_000), last + 1)
            self.floor(
                lines if whole else (line for line in lines if not only_reports_success(self._lines.said(line))), WHOLE if whole else WEAK
            )

    def _fill_unseen(self, unseen: bytearray) -> None:
        """The first lines that are in no passing run; if the whole log is new, as many as any budget can hold."""
        left, line = MOST_UNSEEN, unseen.find(1)
        while line >= 0 and left:
            if self._scope.inside(line):
                is_routine = routine(self._lines.text(line))
                self._raise(line, WEAK if is_routine else UNSEEN)
                left -= not is_routine
            line = unseen.find(1, line + 1)


def _hits(scope: Scope, weights: LineWeights) -> list[Hit]:
    """The hits of the candidates in line order; repeated ones and those outside of the failed steps count for less."""
    hits: list[Hit] = []
    alike, kinds = Counter[str](), Counter[tuple[str, bool, bool]]()
    rare = {one.line for one in rare_lines(scope.lines, scope.steps)} if scope.unseen is None else set()
    # Among many rare lines, one more says little.
    oddity = RARE.weight * min(1.0, FEW_ARE_RARE / max(1, len(rare)))
    for line in candidates(scope.lines, scope.steps, rare):
        text = scope.lines.said(line)
        if not text or not scope.open(line):
            continue
        signal = weigh(text)
        if signal is None and line in rare and not routine(text):
            signal = Signal(oddity * (IN_CAPITALS if _CAPITALS.search(text) else 1.0), RARE)
        if signal is None:
            continue
        inside = scope.inside(line)
        weight = signal.weight * (1.0 if inside else weights.outside)
        if rare and inside and signal.weight <= WORD and line not in rare:
            # A name such as `error_page`, in a line that looks like many others.
            weight *= weights.common
        shape = template(text)[:80]
        weight *= weights.repeated ** min(alike[shape], 20)
        alike[shape] += 1
        kind = (signal.kind.reason, signal.kind.weight <= WORD, inside)
        if signal.weight >= 5:
            weight *= max(weights.of_a_kind_at_least, 1 / (1 + weights.of_a_kind * kinds[kind]))
            kinds[kind] += 1
        hits.append(Hit(line, weight, signal.kind))
    return hits


def _under_headings(hits: list[Hit]) -> list[tuple[int, int]]:
    """The first failure that each heading announces, and where the next heading of its kind begins."""
    found: list[tuple[int, int]] = []
    for index, heading in enumerate(hits):
        if heading.kind.reason != HEADING or heading.weight < 6:
            continue
        for hit in hits[index + 1 : index + 5]:
            if hit.line > heading.line + 4:
                break
            if hit.kind.reason in {TEST, EXCEPTION, ERROR}:
                following = (other.line for other in hits[index + 1 :] if other.line > hit.line + 2 and other.kind is hit.kind)
                found.append((hit.line, min(next(following, hit.line + AHEAD), hit.line + AHEAD)))
                break
    return found
