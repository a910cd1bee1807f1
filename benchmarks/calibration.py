"""Measures whether a confidence of 70 % is right in 70 of 100: error and Brier score of the fitted table on unseen rows, by judge."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from benchmarks.bars import Bar, Count, at_most, judged, skipped
from benchmarks.consensus import PLAN
from benchmarks.fitting.training import TrainingPlan, draw_councils, records_of, scores, train
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, Fold, evidence, folds
from reviewers.council.calibration import ENOUGH
from reviewers.evals.judging import rank_row
from reviewers.evals.recorded import RecordedReview
from reviewers.values.verdict import RankedFinding

_BINS = 10
# The sizes of the councils that are drawn from a half of the tools.
_SEATS = (3, 4, 5, 6)
Outcome = tuple[float, bool]


def run(options: Options) -> dict[str, object]:
    """`brier_table` is that of a plain vote: precision by the number of tools that agree, from the same training rows."""
    split = folds(options)
    if not split:
        return skipped(NO_DATA)
    plan = PLAN._replace(draws=1 if options.small else PLAN.draws, seed=options.seed)
    said: dict[str, list[Outcome]] = {}
    voted: dict[str, list[Outcome]] = {}
    thin = 0
    for fold in split:
        judgement = train(fold.train, plan).judgement
        assert judgement.table is not None
        thin += judgement.table.n < ENOUGH
        votes = _by_votes([(len(each.raised_by), right) for row in fold.train for each, right in _right(row, rank_row(row, judgement))])
        progress(f"{fold.name}: a table of {judgement.table.n} outcomes in {len(judgement.table.bins)} bins")
        for row in fold.test:
            ranking = rank_row(row, judgement)
            said.setdefault(row.judge, []).extend(scores(row, ranking))
            voted.setdefault(row.judge, []).extend((votes(len(each.raised_by)), right) for each, right in _right(row, ranking))
    others = _other_councils(split, plan)
    figures = {
        "ece": {judge: round(error(outcomes), 3) for judge, outcomes in sorted(said.items())},
        "brier": {judge: round(brier(outcomes), 4) for judge, outcomes in sorted(said.items())},
        "brier_table": {judge: round(brier(outcomes), 4) for judge, outcomes in sorted(voted.items())},
        "ece_other_councils": {name: round(error(outcomes), 3) for name, outcomes in others.items()},
    }
    outcomes = {judge: len(each) for judge, each in sorted(said.items())}
    worse = sum(figures["brier"][judge] >= figures["brier_table"][judge] for judge in figures["brier"])
    counts = (*evidence(split), Count("outcomes", min(outcomes.values(), default=0), 200, asked=True))
    bars = (
        Bar("ece", max(figures["ece"].values(), default=None), at_most(0.05, small=0.15), counts),
        # Fitted on one half of the tools and tried on the other, which differs most in quality. Halves of few tools prove nothing.
        Bar("ece_other_councils", max(figures["ece_other_councils"].values(), default=None), at_most(0.05, small=1.0), counts),
        # A table of few outcomes may be worse than the vote's by chance: the small form judges only its error.
        Bar("brier", worse, at_most(0, small=len(outcomes)), counts),
        Bar("n", thin, at_most(0, small=len(split)), counts),
    )
    return judged(options, {**figures, "outcomes": outcomes}, bars)


def _other_councils(split: Sequence[Fold], plan: TrainingPlan) -> dict[str, list[Outcome]]:
    """Confidence and outcome with the table fitted on the weaker half of the tools and tried on the stronger, and vice versa.

    The quality of a tool comes from the other repositories alone, each tool on its own.
    """
    found: dict[str, list[Outcome]] = {"weaker to stronger": [], "stronger to weaker": []}
    seated = plan._replace(seats=_SEATS)
    for fold in split:
        records = records_of(fold.train)
        ordered = sorted(records, key=lambda tool: records[tool].mean)
        halves = (frozenset(ordered[: len(ordered) // 2]), frozenset(ordered[len(ordered) // 2 :]))
        for name, (fitted, tried) in zip(found, (halves, halves[::-1]), strict=True):
            judgement = train(_seen_by(fold.train, fitted), seated).judgement._replace(records=records)
            for row in draw_councils(_seen_by(fold.test, tried), seated):
                found[name] += scores(row, rank_row(row, judgement))
            progress(f"{fold.name}, {name}: {len(found[name])} outcomes so far")
    return found


def _seen_by(rows: Sequence[RecordedReview], tools: frozenset[str]) -> list[RecordedReview]:
    return [row.of(tools) for row in rows if len(tools.intersection(row.tools)) > 1]


def _right(row: RecordedReview, ranking: Sequence[RankedFinding]) -> Iterator[tuple[RankedFinding, bool]]:
    """Each finding and whether a judge matched it, without a tool's second match, which says neither."""
    for each, comment in zip(ranking, row.behind(each.finding for each in ranking), strict=True):
        if comment.matches is not None:
            yield each, bool(comment.matches)


def _by_votes(outcomes: Sequence[tuple[int, bool]]) -> Callable[[int], float]:
    """Precision by votes, six and more together."""
    seen = Counter(min(votes, 6) for votes, _ in outcomes)
    right = Counter(min(votes, 6) for votes, correct in outcomes if correct)
    return lambda votes: (right[min(votes, 6)] + 1) / (seen[min(votes, 6)] + 2)


def error(outcomes: Sequence[Outcome]) -> float:
    """Expected calibration error over ten equal bins of confidence."""
    bins: dict[int, list[Outcome]] = {}
    for confidence, right in outcomes:
        bins.setdefault(min(_BINS - 1, int(confidence * _BINS)), []).append((confidence, right))
    gaps = (abs(sum(confidence for confidence, _ in each) - sum(right for _, right in each)) for each in bins.values())
    return sum(gaps) / len(outcomes)


def brier(outcomes: Sequence[Outcome]) -> float:
    """Mean squared distance of confidence and outcome."""
    return sum((confidence - right) ** 2 for confidence, right in outcomes) / len(outcomes)
