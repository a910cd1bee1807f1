"""Generates questions about an invented product and paraphrases of them, to measure the memory."""

import random
import re
from collections.abc import Iterator
from typing import NamedTuple

# Different words for the same thing, as different people use them; a question takes one of each row, its paraphrase another.
_FAULTS = (
    (("hangs", "waits without end"), ("gets stuck", "never comes back"), ("freezes", "does not respond")),
    (("crashes", "dies with a segfault"), ("falls over", "exits abruptly"), ("is killed", "terminates")),
    (("leaks memory", "grows until it is killed"), ("uses ever more RAM", "swells"), ("exhausts the heap", "bloats")),
    (("is slow", "takes minutes"), ("drags", "has high latency"), ("lags", "times are poor")),
    (("loses updates", "drops writes"), ("forgets changes", "misses edits"), ("discards what was saved", "overwrites data")),
    (
        ("returns stale results", "serves old values"),
        ("shows outdated figures", "answers with yesterday's state"),
        ("is behind", "lags reality"),
    ),
    (
        ("rejects valid input", "refuses correct forms"),
        ("complains about good data", "denies proper requests"),
        ("throws on legal values", "says no"),
    ),
    (("sends duplicates", "delivers twice"), ("repeats messages", "emails people again"), ("notifies doubly", "posts the same two times")),
    (("deadlocks", "blocks on a mutex"), ("two threads wait for each other", "locks up"), ("is stuck on a lock", "stalls")),
    (("fails to start", "aborts at boot"), ("does not come up", "breaks during launch"), ("refuses to initialise", "quits immediately")),
)
_WHEN = (
    ("after an upgrade", "since the new release", "following the last deploy"),
    ("under heavy traffic", "at peak hours", "when many visitors arrive"),
    ("at night", "in the small hours", "during the scheduled run"),
    ("on large files", "with big uploads", "given huge attachments"),
    ("behind a proxy", "through nginx", "beyond the load balancer"),
    ("on Windows only", "for Microsoft users", "under Win11"),
    ("with an empty list", "if nothing is selected", "for zero rows"),
    ("in another timezone", "outside UTC", "for people in Asia"),
    ("when the network drops", "after a lost connection", "upon packet loss"),
    ("with a full disk", "when storage is used up", "if no space remains"),
)
_OPENINGS = (
    ("Why does it happen that", "", "and how can we prevent this?"),
    ("We observe:", "", "Any idea what causes it?"),
    ("Customers report", "", "What should be tried first?"),
    ("Somebody help,", "", "please, nothing in the docs explains that"),
    ("Investigate:", "", "reproducible in staging"),
)
_SYLLABLES = (
    "ka lo mi ren sto vel tra bin dor fay gul hex jor nim pal qui rus sed tum wex yor zan bri clo dra fle gri plo ska".split()  # noqa: SIM905
)
_ROLES = "cache queue store parser router scheduler renderer gateway importer exporter indexer mailer planner resolver watcher".split()  # noqa: SIM905
_ACTIONS = "refresh flush commit reconcile dispatch encode merge rotate expire replay validate compact hydrate throttle prune".split()  # noqa: SIM905
_COMMON = frozenset(
    "a an the and or of to in on at by for with it is are we i our you this that what why how does do can be has have any if".split()  # noqa: SIM905
)
_SHARED = 0.5


class Question(NamedTuple):
    """A question, its answer's title, and the question in other words."""

    id: str
    text: str
    answer: str
    asked_again: str


def questions(seed: int, count: int) -> Iterator[Question]:
    """Questions, each about another fault; thousands of others share each of its parts except the subject's name."""
    dice = random.Random(seed)
    made = 0
    while made < count:
        subject, fault, when = _subject(dice), dice.choice(_FAULTS), dice.choice(_WHEN)
        ways = dice.sample(range(3), 2)
        # Half of the people name the circumstance in the same words.
        told = ways if dice.random() < 0.5 else [ways[0], ways[0]]
        first, second = (_put(dice, subject, fault[way], when[at]) for way, at in zip(ways, told, strict=True))
        if common(second, first) > _SHARED:
            continue
        answer = f"{dice.choice(_ACTIONS).capitalize()} the {dice.choice(_ROLES)} before the {dice.choice(_ROLES)}"
        yield Question(f"q{made:07d}", first, answer, second)
        made += 1


def common(paraphrase: str, question: str) -> float:
    """The share of a paraphrase's content words that are also in the question, verbatim."""
    asked = _content(paraphrase)
    return len(asked & _content(question)) / max(1, len(asked))


def _content(text: str) -> set[str]:
    return {word for word in re.findall(r"[\w.]+", text.lower()) if word not in _COMMON}


def _subject(dice: random.Random) -> str:
    """A component and its purpose: many questions share these names in part and few as a whole."""
    product = "".join(dice.sample(_SYLLABLES, 2))
    return f"{product.capitalize()}{dice.choice(_ROLES).capitalize()}.{dice.choice(_ACTIONS)}"


def _put(dice: random.Random, subject: str, fault: tuple[str, str], when: str) -> str:
    opening, _, ending = dice.choice(_OPENINGS)
    parts = [f"{subject} {fault[0]}", when]
    dice.shuffle(parts)
    return f"{opening} {' '.join(parts)}, it {fault[1]}. {ending}"
