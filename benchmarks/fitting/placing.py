"""Measures how many accepted issues a merge hides, and fits how much a shared place may add within two limits."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.council.location_similarity import PlaceRules
from reviewers.council.merging import MergeRules, group_findings, merge
from reviewers.council.similarity import PairModel
from reviewers.evals.recorded import RecordedReview

# From the most merging to the least: the first within both limits is chosen, so that no more duplicates are shown than needed.
CHOICES = tuple(
    PlaceRules(same_kind=kind, overlapping=other)
    for kind, other in ((2.0, 0.5), (1.5, 0.5), (1.0, 0.5), (0.5, 0.5), (0.5, 0.0), (0.0, 0.0))
)


class Losses(NamedTuple):
    """Accepted issues and how many of them no proposal words; pairs of different issues and how many were merged."""

    issues: int = 0
    lost: int = 0
    pairs: int = 0
    merged: int = 0

    @property
    def issues_lost(self) -> float:
        return self.lost / max(1, self.issues)

    @property
    def different_merged(self) -> float:
        return self.merged / max(1, self.pairs)


def count_losses(row: RecordedReview, pairs: PairModel, places: PlaceRules) -> Losses:
    """The losses on a row whose accepted comments are all different issues."""
    rules, findings = MergeRules(words=pairs, places=places), [comment.finding() for comment in row.comments]
    shown = {comment.key for comment in row.behind(proposal.finding for proposal in merge(findings, rules))}
    accepted = [comment for comment in row.comments if comment.matches]
    together = [sum(bool(comment.matches) for comment in row.behind(group)) for group in group_findings(findings, rules)]
    return Losses(
        issues=len(accepted),
        lost=sum(comment.key not in shown for comment in accepted),
        pairs=_pairs(len(accepted)),
        merged=sum(_pairs(size) for size in together),
    )


def sum_losses(losses: Sequence[Losses]) -> Losses:
    return Losses(*(sum(column) for column in zip(Losses(), *losses, strict=True)))


def fit_places(losses: Mapping[PlaceRules, Sequence[Losses]], issues_lost: float = 0.045, different_merged: float = 0.0135) -> PlaceRules:
    """The most merging rules within both limits on these rows; the limits leave a tenth for unseen rows."""
    for places, counted in losses.items():
        whole = sum_losses(counted)
        if whole.issues_lost <= issues_lost and whole.different_merged <= different_merged:
            return places
    return list(losses)[-1]


def _pairs(count: int) -> int:
    return count * (count - 1) // 2
