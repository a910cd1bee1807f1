"""The expected result of a pull request, as a handwritten table that shares no code with the product.

From the settings and the events it says what GitHub must show: whether a review is bought, how the check ends, whose summary is posted.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Setting:
    """The conditions when a review of a head is requested; `asked` means a command or a re-run, which no skip rule stops."""

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
    """The fate of a head: `kind` is a row of FATES, with the gate's setting at that time."""

    kind: str
    is_gated: bool = False


# The first row whose condition holds decides the fate of a head.
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
# (fate, gate on, head has the defect): the conclusion of the head's check; "" means that Council writes none.
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
# The fates that buy a review.
BUYS = ("reviewed", "silent")
# The fates without a write: the check of such a head is what others made of it.
UNSAID = ("silent", "unsaid")
# The fates that open a gate.
OPENS = ("success", "skipped")
# If several pull requests share a head, the first of these conclusions that any of them has.
WORST_FIRST = ("failure", "action_required", "cancelled", "neutral", "success", "skipped")
# The reply to a comment, by command: "line" is one comment, "review" a review or a line with the reason against it, "refusal" a line or 👎.
ANSWERS = {"help": "line", "status": "line", "review": "review", "stranger": "refusal"}


def fate_of(setting: Setting) -> Fate:
    kind = next(kind for holds, kind in FATES if holds(setting))
    return Fate(kind, setting.is_gated and kind in {"reviewed", "skipped"})


def conclusion_of(fate: Fate, *, has_defect: bool, before: str) -> str:
    """The check's conclusion after one that ended as `before`: only a review replaces a failure, and a fate without one changes nothing."""
    ended = CONCLUSIONS[fate.kind, fate.is_gated, has_defect]
    if fate.kind in {*UNSAID, "unheard"}:
        return before
    return before if before == "failure" and fate.kind != "reviewed" else ended


def combined(possible: Iterable[Iterable[str]]) -> frozenset[str]:
    """The possible conclusions of a head's check, if each of its open pull requests may have one of these."""
    ends = set()
    for words in product(*possible):
        said = [word for word in words if word]
        ends.add(min(said, key=WORST_FIRST.index) if said else "")
    return frozenset(ends)
