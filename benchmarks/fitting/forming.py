"""Measures how well single-seat findings are ordered within a pull request, and fits the weights of their form."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from benchmarks.fitting import logistic
from reviewers.council.finding_form import FormModel, form_features
from reviewers.council.learned_models import shipped_models
from reviewers.council.ranking import DEFAULT, RANKERS, RankingContext, Rules
from reviewers.evals.recorded import RecordedComment, RecordedReview
from reviewers.learning.feedback import Record, reliability, reliability_by_area
from reviewers.learning.reliability import PRIOR, Outcomes, domain
from reviewers.values.verdict import Proposal, SeatFacts


class Single(NamedTuple):
    """A finding that one tool raised, its comment, and the row that contains it."""

    row: RecordedReview
    proposal: Proposal
    comment: RecordedComment

    @property
    def right(self) -> bool:
        return bool(self.comment.matches)

    def record(self, records: Mapping[str, Record]) -> float:
        """The log-odds by which its tool is better than an unknown one on this kind of defect in this kind of file."""
        record = records.get(self.comment.tool, Record(seat=self.comment.tool))
        return reliability(record, self.comment.category.value, domain(self.comment.path or "")).odds(PRIOR)


def tool_records(rows: Iterable[RecordedReview]) -> dict[str, Record]:
    """Each tool's record on the rows, by category and domain too."""
    records: dict[str, Record] = {}
    for comment in (comment for row in rows for comment in row.comments if comment.matches is not None):
        one = Outcomes(right=int(bool(comment.matches)), wrong=int(not comment.matches))
        record = records.get(comment.tool, Record(seat=comment.tool))
        kind, place = comment.category.value, domain(comment.path or "")
        records[comment.tool] = record.model_copy(
            update={
                "everywhere": record.everywhere + one,
                "by_category": {**record.by_category, kind: record.by_category.get(kind, Outcomes()) + one},
                "by_domain": {**record.by_domain, place: record.by_domain.get(place, Outcomes()) + one},
            }
        )
    return records


def find_singles(row: RecordedReview, made: Sequence[Proposal]) -> list[Single]:
    """The row's findings that one tool raised, without a tool's second match, which is neither right nor wrong."""
    singles = [proposal for proposal in made if len(proposal.supporters) == 1]
    behind = zip(singles, row.behind(proposal.finding for proposal in singles), strict=True)
    return [Single(row, proposal, comment) for proposal, comment in behind if comment.matches is not None]


def rank_singles(row: RecordedReview, made: Sequence[Proposal], records: Mapping[str, Record], forms: FormModel) -> dict[str, float]:
    """The score of each proposal of a row by its id, as the council ranks it with these records and forms."""
    sittings = tuple(_sitting(tool, row, records.get(tool, Record(seat=tool))) for tool in row.tools)
    rules = Rules(few=1, learned=shipped_models().ranks, forms=forms)
    ranked = RANKERS[DEFAULT](made, {}, RankingContext(sittings=sittings, rules=rules))
    scores = {finding.finding: finding.score or 0.0 for finding in ranked}
    return {proposal.id: scores[proposal.finding] for proposal in made}


def _sitting(tool: str, row: RecordedReview, record: Record) -> SeatFacts:
    counted = sum(comment.tool == tool for comment in row.comments)
    return SeatFacts(seat=tool, vendor=tool, record=reliability(record), findings=counted, narrow=reliability_by_area(record))


def fit_forms(examples: Sequence[tuple[Single, float]], ridge: float = 30.0) -> FormModel:
    """Fit the weights of record and form, from findings with their tool's record elsewhere; a better record never lowers."""
    import numpy as np

    data = np.array([(record, *form_features(single.proposal.finding)) for single, record in examples])
    fitted = logistic.fit_logistic(data, np.array([float(single.right) for single, _ in examples]), ridge, [0])
    means = tuple(round(float(mean), 5) for mean in data[:, 1:].mean(0))
    return FormModel(record=fitted.weights[0], weights=fitted.weights[1:], means=means)


def with_records(rows: Sequence[RecordedReview], singles: Sequence[Single], fold_of: Mapping[str, int]) -> list[tuple[Single, float]]:
    """Each finding with its tool's record in the other folds: a record that includes the answer would get too much weight."""
    elsewhere = {fold: tool_records(row for row in rows if fold_of[row.repo] != fold) for fold in set(fold_of.values())}
    return [(single, single.record(elsewhere[fold_of[single.row.repo]])) for single in singles]


def order_quality(scored: Iterable[tuple[tuple[str, str], float, bool]]) -> tuple[float, int]:
    """Of all pairs of a right and a wrong finding in one pull request, the share in which the right one scores higher, and their number."""
    rows: dict[tuple[str, str], list[tuple[float, bool]]] = {}
    for pull_request, score, right in scored:
        rows.setdefault(pull_request, []).append((score, right))
    better, pairs = 0.0, 0
    for row in rows.values():
        for score in (score for score, right in row if right):
            for other in (other for other, right in row if not right):
                better += 1.0 if score > other else 0.5 if score == other else 0.0
                pairs += 1
    return better / max(1, pairs), pairs
