"""Measures random councils of four recorded tools, the usual size: the strict score against that of their members, by judge."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.bars import Bar, Count, above, at_least, judged, skipped
from benchmarks.consensus import interval, mean
from benchmarks.fitting.training import TrainingPlan, train
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, Fold, evidence, folds
from reviewers.evals.judging import posted_comments, rank_row
from reviewers.evals.recorded import RecordedReview, judges
from reviewers.evals.strict import Tally, tally, total

SEATS = 4
PLAN = TrainingPlan(seats=(SEATS,), draws=20)
_DRAWS = 150
_BARS = {"opus-4.5": 0.48, "sonnet-4.5": 0.45, "gpt-5.2": 0.43}


class Seated(NamedTuple):
    """One council over the pull requests of a judge: its score, and that of each member alone."""

    tallies: tuple[Tally, ...]
    members: tuple[float, ...]

    @property
    def f1(self) -> float:
        return total(self.tallies).f1


def run(options: Options) -> dict[str, object]:
    """`beats_best` and `beats_mean` are shares of the draws; `interval` is a bootstrap over pull requests of the mean."""
    split = folds(options)
    if not split:
        return skipped(NO_DATA)
    draws = options.n or (10 if options.small else _DRAWS)
    plan = PLAN._replace(draws=4 if options.small else PLAN.draws, seed=options.seed)
    rows = [row for fold in split for row in fold.test]
    councils = {judge: councils_of([row for row in rows if row.judge == judge], draws, options.seed) for judge in judges(rows)}
    scored: dict[tuple[str, int], list[Tally]] = {}
    for fold in split:
        judgement = train(fold.train, plan).judgement
        progress(f"{fold.name}: fitted, {draws} councils on {len(fold.test)} rows")
        for row in fold.test:
            for number, tools in enumerate(councils[row.judge]):
                seen = row.of(tools)
                scored.setdefault((row.judge, number), []).append(tally(row, posted_comments(seen, rank_row(seen, judgement))))
    keys = _figures(rows, councils, scored, options.seed)
    return judged(options, keys, _bars(keys, split, draws, held_out=bool(options.test)))


def councils_of(rows: Sequence[RecordedReview], draws: int, seed: int) -> list[tuple[str, ...]]:
    """Four of the tools of a judge, drawn `draws` times; independent of the order of rows and comments."""
    tools = sorted({tool for row in rows for tool in row.tools})
    dice = random.Random(f"{seed}:{rows[0].judge}")
    return [tuple(sorted(dice.sample(tools, min(SEATS, len(tools))))) for _ in range(draws)]


def _figures(
    rows: Sequence[RecordedReview], councils: dict[str, list[tuple[str, ...]]], scored: dict[tuple[str, int], list[Tally]], seed: int
) -> dict[str, object]:
    keys = ("mean_f1", "mean_member", "mean_best_member", "beats_best", "beats_mean", "interval")
    table: dict[str, dict[str, object]] = {key: {} for key in keys}
    for judge, seatings in councils.items():
        own = [row for row in rows if row.judge == judge]
        alone = {
            tool: total(tally(row, [comment for comment in row.comments if comment.tool == tool]) for row in own).f1
            for tool in {tool for tools in seatings for tool in tools}
        }
        drawn = [Seated(tuple(scored[judge, number]), tuple(alone[tool] for tool in tools)) for number, tools in enumerate(seatings)]
        count = len(drawn)
        values = {
            "mean_f1": sum(each.f1 for each in drawn) / count,
            "mean_member": sum(sum(each.members) / len(each.members) for each in drawn) / count,
            "mean_best_member": sum(max(each.members) for each in drawn) / count,
            "beats_best": sum(each.f1 > max(each.members) for each in drawn) / count,
            "beats_mean": sum(each.f1 > sum(each.members) / len(each.members) for each in drawn) / count,
        }
        for key, value in values.items():
            table[key][judge] = round(value, 3)
        # Of all draws together, resampled by pull request: draws share the same pull requests and are no further evidence.
        table["interval"][judge] = interval([_added(each) for each in zip(*(one.tallies for one in drawn), strict=True)], seed)
    return {**table, "councils": len(next(iter(councils.values())))}


def _added(tallies: Sequence[Tally]) -> Tally:
    return total(tallies)


def _bars(keys: dict[str, object], split: Sequence[Fold], draws: int, *, held_out: bool) -> list[Bar]:
    f1, mean_member, best, beats = (keys[key] for key in ("mean_f1", "mean_member", "mean_best_member", "beats_mean"))
    assert isinstance(f1, dict) and isinstance(mean_member, dict) and isinstance(best, dict) and isinstance(beats, dict)
    counts = (*evidence(split), Count("councils", draws, 50, small=3, asked=True))
    bars = [Bar("beats_mean", min(beats.values()), at_least(0.95, small=0.5), counts)]
    if held_out:
        return [*bars, Bar("mean_f1", mean(f1), above(mean(best), small=mean(mean_member)), counts)]
    for judge, value in f1.items():
        bars.append(Bar(f"mean_f1 {judge}", value, at_least(_BARS.get(judge, 0.43), small=mean_member[judge]), counts))
    return bars
