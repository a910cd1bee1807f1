"""Which pull requests are not reviewed on their own account; a command or a re-run reviews them all the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from app.github.repository_config import Review
from reviewers.context.snapshot import Snapshot


@dataclass(frozen=True)
class Facts:
    """What the rules look at; `on` is the action of the delivery, "" where there is none."""

    on: str
    draft: bool
    labels: tuple[str, ...]
    snapshot: Snapshot


def why_skip(review: Review, facts: Facts) -> str:
    """The rule that skips this pull request, in words, or ""."""
    snapshot = facts.snapshot
    if facts.on and facts.on not in {trigger.value for trigger in review.on}:
        return f"review.on has no {facts.on}"
    if facts.draft and not review.drafts:
        return "it is a draft"
    for name, values, patterns in (
        ("author", (snapshot.author,), review.skip.authors),
        ("label", facts.labels, review.skip.labels),
        ("title", (snapshot.title,), review.skip.titles),
        ("branch", (snapshot.head_ref, snapshot.base_ref), review.skip.branches),
    ):
        if matched := _first(values, patterns):
            return f"its {name} matches {matched!r}"
    return ""


def _first(values: Iterable[str], patterns: Iterable[str]) -> str:
    folded = [value.lower() for value in values]
    for pattern in patterns:
        # In a login "[bot]" is meant as it stands, not as a set of letters.
        literal = pattern.lower().replace("[", "[[]")
        if any(fnmatchcase(value, literal) for value in folded):
            return pattern
    return ""
