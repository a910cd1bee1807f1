"""What a pull request must come to, as a table written by hand: it shares no code with the product.

From what is set up and what happened to what GitHub must show: whether a review is bought, how the check ends, whose summary is there.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Setting:
    """What holds when something asks for a review of a head; `asked` is a command or a re-run, which no rule of skipping stops."""

    config: str = "plain"
    is_open: bool = True
    is_draft: bool = False
    is_labeled: bool = False
    is_suspended: bool = False
    asked: bool = False

    @property
    def is_gated(self) -> bool:
        return self.config == "gate"


@dataclass(frozen=True)
class Fate:
    """What becomes of a head: `kind` is a row of FATES, with what the gate was then."""

    kind: str
    is_gated: bool = False


# The first row that holds says what becomes of a head.
FATES: tuple[tuple[Callable[[Setting], bool], str], ...] = (
    (lambda it: it.is_suspended, "unheard"),
    (lambda it: not it.is_open, "closed"),
    (lambda it: it.config == "broken", "unreadable"),
    (lambda it: it.config == "silent" and not it.asked and (it.is_draft or it.is_labeled), "unsaid"),
    (lambda it: not it.asked and it.is_draft, "skipped"),
    (lambda it: not it.asked and it.is_labeled, "skipped"),
    (lambda it: it.config == "silent", "silent"),
    (lambda it: True, "reviewed"),
)
# (fate, is the gate on, has the head the defect): how the check of the head ends; "" is no word of ours at all.
CONCLUSIONS: dict[tuple[str, bool, bool], str] = {
    ("reviewed", True, True): "failure",
    ("reviewed", True, False): "success",
    ("reviewed", False, True): "success",
    ("reviewed", False, False): "success",
    ("skipped", True, True): "neutral",
    ("skipped", True, False): "neutral",
    ("skipped", False, True): "skipped",
    ("skipped", False, False): "skipped",
    ("unreadable", False, True): "neutral",
    ("unreadable", False, False): "neutral",
    ("silent", False, True): "",
    ("silent", False, False): "",
    ("unsaid", False, True): "",
    ("unsaid", False, False): "",
    ("unheard", False, True): "",
    ("unheard", False, False): "",
    ("called off", False, True): "cancelled",
    ("called off", False, False): "cancelled",
}
# What buys a review.
BUYS = ("reviewed", "silent")
# Where nothing is written: the check of such a head is whatever others made of it.
UNSAID = ("silent", "unsaid")
# What opens a gate.
OPENS = ("success", "skipped")
# Of several pull requests of one head the first of these that any of them says.
WORST_FIRST = ("failure", "action_required", "cancelled", "neutral", "success", "skipped")
# What a comment gets, by command: "line" is one comment, "review" a review or a line that says why not, "refusal" a line or a 👎.
ANSWERS = {"help": "line", "status": "line", "review": "review", "stranger": "refusal"}


def fate_of(setting: Setting) -> Fate:
    kind = next(kind for holds, kind in FATES if holds(setting))
    return Fate(kind, setting.is_gated and kind in {"reviewed", "skipped"})


def conclusion_of(fate: Fate, *, has_defect: bool, before: str) -> str:
    """How the check ends where it ended as `before`: only a review takes a failure back, and what says nothing leaves it."""
    ended = CONCLUSIONS[fate.kind, fate.is_gated, has_defect]
    if fate.kind in {*UNSAID, "unheard"}:
        return before
    return before if before == "failure" and fate.kind != "reviewed" else ended


def combined(possible: Iterable[Iterable[str]]) -> frozenset[str]:
    """The ends that the check of a head may have, where each of its open pull requests may say one of these words."""
    ends = set()
    for words in product(*possible):
        said = [word for word in words if word]
        ends.add(min(said, key=WORST_FIRST.index) if said else "")
    return frozenset(ends)
