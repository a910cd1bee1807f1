"""Measures what the weights of `reviewers/context/ci_log/weights.py` lose on logs that they were not chosen on: by set, and by project.

The candidates are single changes to the shipped weights. Change here which are tried, and how the logs are split.
The authors of the patterns have read the development sets, so the loss on an unread kind of log may be larger.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from statistics import mean

from benchmarks.log_cases import SHOWN, Case, Needed
from reviewers.context.ci_log.extraction import extracts
from reviewers.context.ci_log.weights import WEIGHTS, LineWeights

FOLDS = 5
# One weight changes at a time, in both directions from the shipped value.
TRIED: tuple[LineWeights, ...] = (
    WEIGHTS,
    WEIGHTS._replace(of_a_kind=0.02),
    WEIGHTS._replace(of_a_kind=0.1),
    WEIGHTS._replace(first_of_a_kind=0.94),
    WEIGHTS._replace(first_of_a_kind=0.975),
    WEIGHTS._replace(first_under_heading=0.99),
    WEIGHTS._replace(first_under_heading=0.999),
    WEIGHTS._replace(announced=9.0),
    WEIGHTS._replace(continued=0.96),
)


@dataclass(frozen=True)
class ScoredLog:
    """One log, of one set and one project: how much of its cause each candidate shows, between 0 and 1."""

    name: str
    project: str
    scores: tuple[float, ...]


def score_log(name: str, case: Case, budget: int) -> ScoredLog:
    """A log under all candidates: the best answer's share of lines, or the share of whole signals."""
    scores = []
    for weights in TRIED:
        taken = extracts(case.log, case.green, (budget,), weights)[0]
        shown = {line.number: line.text for line in taken.lines}
        signals = [all(_kept(shown, line) for line in signal) for signal in case.signals]
        answers = [mean(_kept(shown, line) for line in answer) for answer in case.answers]
        scores.append(max(answers) if answers else mean(signals) if signals else 1.0)
    return ScoredLog(name, case.project, tuple(scores))


def cross_validate(logs: Sequence[ScoredLog]) -> dict[str, object]:
    """By set and by project: the results of the shipped weights, of weights fitted on the others and on the same logs, and the gap.

    The gap is what a fit gains by including the tested logs.
    """
    sets = sorted({log.name for log in logs})
    by_set = {name: _figures([_held_out(logs, lambda log, name=name: log.name == name)]) for name in sets}
    folds = [_held_out(logs, lambda log, at=at: fold_of(log.project) == at) for at in range(FOLDS)]
    return {"tried": len(TRIED), "by_set": by_set, "by_project": _figures([fold for fold in folds if fold])}


def fold_of(project: str) -> int:
    """The fifth that a project is in: all of its logs are left out together."""
    return sha256(project.encode()).digest()[0] % FOLDS


@dataclass(frozen=True)
class _Split:
    """The result on the logs that were left out, and their number."""

    logs: int
    shipped: float
    fitted_on_others: float
    fitted_on_them: float


def _held_out(logs: Sequence[ScoredLog], is_held: Callable[[ScoredLog], bool]) -> _Split | None:
    held, rest = [log for log in logs if is_held(log)], [log for log in logs if not is_held(log)]
    if not held or not rest:
        return None
    return _Split(len(held), _score(held, 0), _score(held, best_weights(rest)), _score(held, best_weights(held)))


def best_weights(logs: Sequence[ScoredLog]) -> int:
    """The index in `TRIED` of the best weights on some logs, each set counting the same; the shipped ones on a tie."""
    return max(range(len(TRIED)), key=lambda at: (round(_score(logs, at), 6), -at))


def _score(logs: Iterable[ScoredLog], at: int) -> float:
    by_set: dict[str, list[float]] = {}
    for log in logs:
        by_set.setdefault(log.name, []).append(log.scores[at])
    return mean(mean(scores) for scores in by_set.values())


def _figures(splits: Sequence[_Split | None]) -> dict[str, float] | None:
    found = [split for split in splits if split is not None]
    if not found:
        return None
    total = sum(split.logs for split in found)

    def weighted(read: Callable[[_Split], float]) -> float:
        return sum(split.logs * read(split) for split in found) / total

    others, own = weighted(lambda split: split.fitted_on_others), weighted(lambda split: split.fitted_on_them)
    shipped = round(weighted(lambda split: split.shipped), 4)
    return {"shipped": shipped, "fitted_on_others": round(others, 4), "fitted_on_them": round(own, 4), "gap": round(own - others, 4)}


def _kept(shown: dict[int, str], needed: Needed) -> bool:
    return needed.number in shown and needed.text[:SHOWN] in shown[needed.number]
