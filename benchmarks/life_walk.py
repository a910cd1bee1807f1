"""The state of one random walk over the lives of a repository's pull requests, and the results that the oracle's table allows."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from app.sandbox.github.entities import Comment, MergeGroup, PullRequest
from app.sandbox.github.repository import SandboxRepository
from benchmarks.life_oracle import BUYS, UNSAID, Fate, Setting, conclusion_of, fate_of
from tests.system import InProcessSystem

DEFECT = "  return eval(input)"
PATH = "src/part.js"


@dataclass
class Life:
    """A pull request as the walk knows it.

    `fates` are those that its head may have had since the last rest, `ends` the possible conclusions on a head, `verdicts` those of its
    last review. `reviewed` are the heads whose review was certainly bought, `unsure` those whose review may have been, `shown` those whose
    summary was posted. `unbought` are the requests that buy nothing under the conditions of their arrival, but may under those of their
    processing: whether a person asked for each. `is_asked`: a command or a re-run is in progress; `is_restored`: a summary is shown again.
    """

    pull: PullRequest
    heads: list[str] = field(default_factory=list)
    fates: set[Fate] = field(default_factory=set)
    ends: dict[str, frozenset[str]] = field(default_factory=dict)
    verdicts: dict[str, frozenset[str]] = field(default_factory=dict)
    reviewed: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    excused: set[str] = field(default_factory=set)
    unbought: list[bool] = field(default_factory=list)
    is_summary_excused: bool = False
    is_asked: bool = False
    is_restored: bool = False

    @property
    def is_open(self) -> bool:
        return self.pull.issue.state == "open"

    @property
    def head(self) -> str:
        return self.pull.head_sha


@dataclass(frozen=True)
class Asked:
    """A comment with a command; `is_heard` is false if GitHub cannot accept an answer."""

    life: Life
    comment: Comment
    command: str
    is_heard: bool
    was_open: bool


@dataclass
class QueuedGroup:
    """A merge group. `before` are the possible conclusions of its pull request when it was queued.

    `is_unsaid`: the settings may have allowed no check run when the group was judged.
    """

    group: MergeGroup
    life: Life
    before: frozenset[str]
    is_unsaid: bool = False


@dataclass
class Walk:
    """The state of one walk; every choice comes from its random numbers and its state, so a seed replays it."""

    system: InProcessSystem
    place: SandboxRepository
    dice: random.Random
    config: str = "plain"
    is_suspended: bool = False
    denied: set[str] = field(default_factory=set)
    lives: list[Life] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    groups: list[QueuedGroup] = field(default_factory=list)
    defects: set[str] = field(default_factory=set)
    allowed: int = 0
    number: int = 0
    is_lost: bool = False
    answered: dict[int, int] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    was_denied: bool = False
    was_suspended: bool = False

    @property
    def installation(self) -> int:
        return next(each.id for each in self.system.sandbox.world.installations.values() if each.account == self.place.owner)

    def pick(self, holds: Callable[[Life], bool]) -> Life:
        return self.dice.choice([life for life in self.lives if holds(life)])

    def content(self, *, defect: bool) -> dict[str, str]:
        self.number += 1
        body = f"{DEFECT};\n" if defect else "  return Number(input);\n"
        return {PATH: f"export function part{self.number}(input) {{\n{body}}}\n"}

    def begin(self, life: Life, *, asked: bool = False) -> None:
        """A review of the head is requested: record its possible fates and what they may buy."""
        fate = self.fate(life, asked=asked)
        sha = life.head
        if fate.kind == "unheard" or (not asked and sha in life.reviewed):
            # A reviewed head that is current again is not bought, but its summary is posted again.
            life.is_restored = True
            return
        life.fates.add(fate)
        life.is_asked |= asked
        if fate.kind in BUYS and (asked or sha not in life.reviewed):
            self.allowed += 1
        else:
            life.unbought.append(asked)
        if "checks" in self.denied or fate.kind in UNSAID:
            life.excused.add(sha)
        if "issues" in self.denied:
            life.is_summary_excused = True

    def restore(self, life: Life) -> None:
        """The head is current again. If it was reviewed and a later review of it was called off, its check shows the verdict again."""
        ends = life.ends.get(life.head, frozenset())
        if life.head in life.reviewed and "cancelled" in ends and not self.is_suspended:
            life.ends[life.head] = ends - {"cancelled"} | life.verdicts.get(life.head, frozenset())
        self.begin(life)

    def fate(self, life: Life, *, asked: bool = False) -> Fate:
        issue = life.pull.issue
        setting = Setting(self.config, life.is_open, life.pull.draft, "no-council" in issue.labels, self.is_suspended, asked)
        return fate_of(setting)

    def sweep(self) -> None:
        """All open heads are checked: those without a known review may get one, or the reason against it again."""
        for life in self.lives:
            if life.is_open and life.head not in life.reviewed:
                life.unsure.add(life.head)
                self.begin(life)

    def unsettled(self) -> None:
        """The current conditions may apply to everything in progress."""
        for each in self.groups:
            each.is_unsaid |= self.config == "silent"
        for life in self.lives:
            waiting, life.unbought = life.unbought, []
            for asked in waiting:
                fate = self.fate(life, asked=asked)
                if fate.kind in BUYS:
                    self.allowed += 1
                    if asked and not life.fates:
                        life.fates.add(fate)
                        life.unsure.add(life.head)
                else:
                    life.unbought.append(asked)
            life.is_summary_excused |= life.is_restored and "issues" in self.denied
            if life.is_restored and "checks" in self.denied:
                life.excused.add(life.head)
            if life.fates:
                fate = self.fate(life)
                life.fates |= {each for each in (fate, self.fate(life, asked=life.is_asked)) if each.kind != "unheard"}
                if self.denied or fate.kind in UNSAID:
                    life.excused.add(life.head)
                    life.is_summary_excused |= "issues" in self.denied

    def possible_ends(self, life: Life) -> frozenset[str]:
        """The possible conclusions of this pull request on its head now."""
        before = life.ends.get(life.head, frozenset({""}))
        has_defect = life.head in self.defects
        words = {
            held
            for fate in life.fates
            if fate.kind != "closed"
            for word in before
            for held in self._held(life.head, fate, conclusion_of(fate, has_defect=has_defect, before=word))
        }
        # A command that fails because of the settings file is answered in a comment, and replaces no conclusion.
        is_left = life.is_asked and any(fate.kind == "unreadable" for fate in life.fates)
        return frozenset(words) | (before if not words or is_left or life.head in life.unsure else frozenset())

    def _held(self, sha: str, fate: Fate, ended: str) -> set[str]:
        """A skip that the author can cause does not hide that a review of this head failed, in whatever pull request that was."""
        verdicts = [life.verdicts[sha] for life in self.lives if sha in life.verdicts]
        if fate.kind != "skipped" or not any("failure" in words for words in verdicts):
            return {ended}
        return {"failure"} if any(words == {"failure"} for words in verdicts) else {ended, "failure"}

    def leave(self, life: Life) -> None:
        """The head is replaced, or the pull request closed: its work in progress may or may not have finished."""
        if life.fates:
            life.ends[life.head] = self.possible_ends(life) | life.ends.get(life.head, frozenset({""}))
            life.unsure.add(life.head)
        life.fates.clear()
        # GitHub dissolves a group when the head of one of its pull requests moves.
        self.groups = [each for each in self.groups if each.life is not life]
