"""Decides which pull requests are not reviewed automatically. A command or a re-run reviews them anyway."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from app.configuration.repository_config import ReviewConfig
from reviewers.context.snapshot import Snapshot

DRAFT = "it is a draft"
NO_TRIGGER = "review.on has no "


@dataclass(frozen=True)
class SkipFacts:
    """The facts that the rules use. `on` is the delivery's action, "" if there is none."""

    on: str
    draft: bool
    labels: tuple[str, ...]
    snapshot: Snapshot


@dataclass(frozen=True)
class SkipReason:
    """Why a pull request is not reviewed, and whether its author could cause that.

    `starts` says who can start the review anyway, "" for the usual sentence.
    """

    reason: str
    by_author: bool = True
    starts: str = ""


def why_skip(review: ReviewConfig, facts: SkipFacts) -> str:
    """The rule that skips this pull request, in words, or ""."""
    skip = find_skip(review, facts)
    return skip.reason if skip else ""


def find_skip(review: ReviewConfig, facts: SkipFacts) -> SkipReason | None:
    """The rule that skips this pull request. Nobody chooses to be an author that is skipped."""
    snapshot = facts.snapshot
    if facts.on and facts.on not in {trigger.value for trigger in review.on}:
        return SkipReason(f"{NO_TRIGGER}{facts.on}")
    if facts.draft and not review.drafts:
        return SkipReason(DRAFT)
    for name, values, patterns in (
        ("author", (snapshot.author,), review.skip.authors),
        ("label", facts.labels, review.skip.labels),
        ("title", (snapshot.title,), review.skip.titles),
        ("branch", (snapshot.head_ref, snapshot.base_ref), review.skip.branches),
    ):
        if matched := _first(values, patterns):
            return SkipReason(f"its {name} matches {matched!r}", by_author=name != "author")
    return None


def _first(values: Iterable[str], patterns: Iterable[str]) -> str:
    folded = [value.lower() for value in values]
    for pattern in patterns:
        # In a login, "[bot]" is literal text, not a character class.
        literal = pattern.lower().replace("[", "[[]")
        if any(fnmatchcase(value, literal) for value in folded):
            return pattern
    return ""
