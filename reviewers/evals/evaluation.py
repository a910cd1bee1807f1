"""Scores a judgment on recorded reviews, by judge, next to the best single member."""

from collections.abc import Sequence

from reviewers.evals.drawn_councils import TrainingPlan, draw_councils
from reviewers.evals.judging import Judgement, comments_behind, posted_comments, rank_row
from reviewers.evals.recorded import RecordedReview, judges
from reviewers.evals.strict import members, tally, total
from reviewers.values.value import FrozenValue


class Evaluation(FrozenValue):
    """`p_at_1` and `r_at_5` cover the whole ranking, the other fields only what is recommended; members are scored on all pull requests."""

    judge: str
    pull_requests: int
    posted: int
    precision: float
    recall: float
    f1: float
    p_at_1: float
    r_at_5: float
    best_single: str
    best_single_f1: float
    mean_single_f1: float


def evaluate(rows: Sequence[RecordedReview], judgement: Judgement, councils: TrainingPlan = TrainingPlan()) -> tuple[Evaluation, ...]:  # noqa: B008 - frozen
    """One evaluation per judge, over the councils that the plan draws from each row."""
    return tuple(_evaluate(judge, [row for row in rows if row.judge == judge], judgement, councils) for judge in judges(rows))


def _evaluate(judge: str, rows: Sequence[RecordedReview], judgement: Judgement, councils: TrainingPlan) -> Evaluation:
    rankings = [(row, rank_row(row, judgement)) for row in draw_councils(rows, councils)]
    said = total(tally(row, posted_comments(row, ranking)) for row, ranking in rankings)
    whole = total(tally(row, comments_behind(row, ranking)) for row, ranking in rankings)
    single = members(rows)
    best = max(sorted(single), key=lambda tool: single[tool], default="")
    return Evaluation(
        judge=judge,
        pull_requests=len(rows),
        posted=said.posted,
        precision=round(said.precision, 3),
        recall=round(said.recall, 3),
        f1=round(said.f1, 3),
        p_at_1=round(whole.first / max(1, whole.spoke), 3),
        r_at_5=round(whole.five / max(1, whole.golden), 3),
        best_single=best,
        best_single_f1=round(single.get(best, 0.0), 3),
        mean_single_f1=round(sum(single.values()) / max(1, len(single)), 3),
    )
