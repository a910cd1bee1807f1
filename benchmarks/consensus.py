"""Measures the council's judgment on recorded reviews, all tools as its seats: the strict score of what it would post, by judge."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bars import Bar, Count, above, at_least, judged, skipped
from benchmarks.fitting.training import TrainingPlan, train
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, Fold, evidence, folds
from reviewers.evals.judging import Judgement, comments_behind, posted_comments, rank_row
from reviewers.evals.recorded import RecordedComment, RecordedReview
from reviewers.evals.strict import Tally, members, tally, total

PLAN = TrainingPlan(seats=(0, 12, 9, 7), draws=6)
_ROUNDS = 2_000


def run(options: Options) -> dict[str, object]:
    """Fit on every fold's own part, post on the other; keys are objects by judge."""
    split = folds(options)
    if not split:
        return skipped(NO_DATA)
    plan = PLAN._replace(draws=1, seed=options.seed) if options.small else PLAN._replace(seed=options.seed)
    outcome: list[tuple[RecordedReview, list[RecordedComment], list[RecordedComment], list[RecordedComment]]] = []
    for fold in split:
        trained = train(fold.train, plan)
        progress(f"{fold.name}: fitted on {trained.pairs} pairs and {trained.proposals} proposals, tested on {len(fold.test)} rows")
        outcome += [_posted(row, trained.judgement) for row in fold.test]
    if options.posted:
        _write(Path(options.posted), [(row, chosen) for row, chosen, _, _ in outcome])
    measured = _figures(outcome, options.seed)
    return judged(options, measured, _bars(measured, split, held_out=bool(options.test)))


def _posted(
    row: RecordedReview, judgement: Judgement
) -> tuple[RecordedReview, list[RecordedComment], list[RecordedComment], list[RecordedComment]]:
    """The posted comments, the whole ranking as comments, and the posts of a plain two-thirds vote."""
    ranking = rank_row(row, judgement)
    return row, posted_comments(row, ranking), comments_behind(row, ranking), _vote(row, judgement)


def _vote(row: RecordedReview, judgement: Judgement) -> list[RecordedComment]:
    """The plain vote over the same clusters: about three tools in ten must agree, and at least two."""
    needed = max(2, round(0.3 * len(row.tools)))
    ranking = rank_row(row, judgement._replace(ranker="count"))
    return comments_behind(row, [each for each in ranking if len(each.raised_by) >= needed])


def _figures(
    outcome: Sequence[tuple[RecordedReview, list[RecordedComment], list[RecordedComment], list[RecordedComment]]], seed: int
) -> dict[str, object]:
    keys = (
        "f1",
        "precision",
        "recall",
        "p_at_1",
        "r_at_5",
        "best_single",
        "count_vote",
        "interval",
        "posted",
        "p_at_1_posted",
        "r_at_5_posted",
    )
    table: dict[str, dict[str, object]] = {key: {} for key in keys}
    by_judge: dict[str, list[tuple[RecordedReview, list[RecordedComment], list[RecordedComment], list[RecordedComment]]]] = {}
    for each in outcome:
        by_judge.setdefault(each[0].judge, []).append(each)
    for judge, rows in sorted(by_judge.items()):
        tallies = [tally(row, chosen) for row, chosen, _, _ in rows]
        said, whole = total(tallies), total(tally(row, everything) for row, _, everything, _ in rows)
        single = members([row for row, _, _, _ in rows])
        best = max(sorted(single), key=lambda tool: single[tool])
        values = {
            "f1": round(said.f1, 3),
            "precision": round(said.precision, 3),
            "recall": round(said.recall, 3),
            # Of the whole ranking, for a reader who requests five.
            "p_at_1": round(whole.first / max(1, whole.spoke), 3),
            "r_at_5": round(whole.five / max(1, whole.golden), 3),
            "best_single": [best, round(single[best], 3)],
            "count_vote": round(total(tally(row, vote) for row, _, _, vote in rows).f1, 3),
            "interval": interval(tallies, seed),
            "posted": said.posted,
            # Of the posted comments, counted like score_reviews.py.
            "p_at_1_posted": round(said.first / max(1, said.spoke), 3),
            "r_at_5_posted": round(said.five / max(1, said.golden), 3),
        }
        for key, value in values.items():
            table[key][judge] = value
    return {
        **table,
        "mean_f1": mean(table["f1"]),
        "mean_best_single": round(sum(v[1] for v in table["best_single"].values()) / len(by_judge), 3),
    }  # type: ignore[index,misc]


def interval(tallies: Sequence[Tally], seed: int) -> list[float]:
    """The 95 % bootstrap interval of F1 over pull requests."""
    dice = random.Random(seed)
    drawn = sorted(total(dice.choices(tallies, k=len(tallies))).f1 for _ in range(_ROUNDS))
    return [round(drawn[int(_ROUNDS * 0.025)], 3), round(drawn[int(_ROUNDS * 0.975)], 3)]


def mean(values: Mapping[str, object]) -> float:
    """The mean over judges, to three digits."""
    numbers = [float(str(value)) for value in values.values()]
    return round(sum(numbers) / len(numbers), 3)


def _bars(measured: dict[str, object], split: Sequence[Fold], *, held_out: bool) -> list[Bar]:
    """The small form is fitted on a fraction of the data, and its bounds are out of reach for a broken judgment."""
    f1, one, five, posted_by = (measured[key] for key in ("f1", "p_at_1", "r_at_5", "posted"))
    assert isinstance(f1, dict) and isinstance(one, dict) and isinstance(five, dict) and isinstance(posted_by, dict)
    single = float(str(measured["mean_best_single"]))
    counts = (*evidence(split), Count("posted", min(posted_by.values(), default=0), 20, asked=True))
    if held_out:
        return [Bar("f1", mean(f1), above(single, small=0.8 * single), counts)]
    return [
        Bar("f1", mean(f1), at_least(0.56, small=0.8 * single), counts),
        Bar("f1_of_each_judge", min(f1.values()), at_least(0.54, small=0.6 * single), counts),
        Bar("p_at_1", mean(one), at_least(0.70, small=0.4), counts),
        Bar("r_at_5", mean(five), at_least(0.65, small=0.4), counts),
    ]


def _write(path: Path, rows: Sequence[tuple[RecordedReview, list[RecordedComment]]]) -> None:
    lines = (
        {"judge": row.judge, "pr": row.pr, "posted": [{"tool": each.tool, "text": each.text} for each in chosen]} for row, chosen in rows
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
