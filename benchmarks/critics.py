"""Measures the best weight of votes without evidence: critics of given error rates over councils of four, other repositories left out."""

from collections.abc import Sequence

from benchmarks.bars import Bar, Count, at_most, exactly, judged, skipped
from benchmarks.fitting.training import TrainingPlan, train
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, evidence, folds
from reviewers.council.ranking import Rules
from reviewers.evals.judging import Judgement
from reviewers.evals.recorded import RecordedReview
from reviewers.evals.simulation import Setup, count_rejected, simulate

WEIGHTS = (0.0, 0.25, 0.5, 0.75, 1.0)
# Of an honest critic's right votes, the share with valid evidence.
QUOTING = (0.5, 0.75, 1.0)
HONEST, FABRICATING = 0.8, 0.5
_MOST_LOST = 0.02


def run(options: Options) -> dict[str, object]:
    """`recommended_lost` is the loss in the share of true findings recommended against a weight of 1, at worst over `QUOTING`."""
    split = folds(options)
    if not split:
        return skipped(NO_DATA)
    draws = 2 if options.small else 10
    plan = TrainingPlan(seats=(4,), draws=2 if options.small else 10, seed=options.seed)
    tested: dict[float, list[tuple[int, list[float]]]] = {}
    chosen, rejected, proven = dict[str, float](), 0, 0
    for fold in split:
        judgement = train(fold.train, plan).judgement
        losses = {weight: _recalls(fold.train, judgement, weight, draws) for weight in WEIGHTS}
        chosen[fold.name] = min(weight for weight in WEIGHTS if _lost(losses[weight], losses[1.0]) <= 0.9 * _MOST_LOST)
        golden = sum(len(row.golden) for row in fold.test)
        for weight in {Rules().unverified, 1.0}:
            tested.setdefault(weight, []).append((golden, _recalls(fold.test, judgement, weight, draws)))
        lying = Setup(draws=draws, seed=options.seed, accuracies=(FABRICATING,))
        here = count_rejected(fold.test, judgement, lying)
        rejected, proven = rejected + here[0], proven + here[1]
        progress(f"{fold.name}: at most {_MOST_LOST} lost from a weight of {chosen[fold.name]} on")
    lost = _lost(_mean(tested[Rules().unverified]), _mean(tested[1.0]))
    counts = (*evidence(split), Count("proven", proven, 500, small=5, asked=True))
    bars = (
        Bar("recommended_lost", lost, at_most(_MOST_LOST, small=0.1), counts),
        Bar("proven_rejected", rejected, exactly(0), counts),
    )
    keys = {"recommended_lost": round(lost, 4), "proven_rejected": rejected, "chosen": chosen, "weight": Rules().unverified}
    return judged(options, keys, bars)


def _recalls(rows: Sequence[RecordedReview], judgement: Judgement, weight: float, draws: int) -> list[float]:
    """The share of true findings that are recommended, by `QUOTING`."""
    setups = (Setup(draws=draws, quoting=quoting, fabricating=0.0, accuracies=(HONEST,), unverified=weight) for quoting in QUOTING)
    return [simulate(rows, judgement, setup)[-1].recall for setup in setups]


def _lost(recalls: Sequence[float], whole: Sequence[float]) -> float:
    return max(full - recall for recall, full in zip(recalls, whole, strict=True))


def _mean(folds: Sequence[tuple[int, Sequence[float]]]) -> list[float]:
    total = sum(golden for golden, _ in folds)
    return [sum(golden * recalls[at] for golden, recalls in folds) / max(1, total) for at in range(len(QUOTING))]
