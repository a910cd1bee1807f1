"""Measures how well findings of one issue are merged, and how rarely others are: pairs of matched comments, by judge."""

import random
import time

from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged, skipped
from benchmarks.fitting.training import TrainingPlan, merge_row, train_pairs
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, evidence, folds
from reviewers.council.merging import merge
from reviewers.council.similarity import PairModel
from reviewers.evals.judging import proposals
from reviewers.evals.recorded import RecordedComment, RecordedReview
from reviewers.values.verdict import Proposal

_PLAN = TrainingPlan()
_FINDINGS = 200
_SHUFFLES = 5


def run(options: Options) -> dict[str, object]:
    """`merge_ms` is the time for 200 findings; `varied` counts rows that change with the order or the names of tools."""
    split = folds(options)
    if not split:
        return skipped(NO_DATA)
    counts: dict[str, tuple[int, ...]] = {}
    varied = shuffled = 0
    for fold in split:
        pairs, fitted = train_pairs(fold.train, _PLAN)
        progress(f"{fold.name}: fitted on {fitted} pairs, threshold {pairs.threshold}")
        for row in fold.test:
            now = merge_row([row], pairs)
            counts[row.judge] = tuple(one + two for one, two in zip(counts.get(row.judge, (0, 0, 0, 0)), now, strict=True))
        sample = fold.test[:1] if options.small else fold.test
        shuffled += len(sample)
        varied += sum(_varies(row, pairs, options.seed) for row in sample)
    same = {judge: round(each[0] / max(1, each[1]), 3) for judge, each in sorted(counts.items())}
    different = {judge: round(each[2] / max(1, each[3]), 3) for judge, each in sorted(counts.items())}
    took, findings = _merge_ms([row for fold in split for row in fold.test])
    pairs_of = {"same_pairs": min(each[1] for each in counts.values()), "different_pairs": min(each[3] for each in counts.values())}
    seen = (*evidence(split), *(Count(name, count, 100, asked=True) for name, count in pairs_of.items()))
    bars = (
        Bar("same_merged", min(same.values()), at_least(0.77, small=0.5), seen),
        Bar("different_merged", max(different.values()), at_most(0.02, small=0.1), seen),
        Bar("merge_ms", took, at_most(100, small=1_000), (*seen, Count("findings", findings, _FINDINGS, asked=True))),
        Bar("varied", varied, exactly(0), (*seen, Count("shuffled", shuffled, 15, asked=True))),
    )
    keys = {"same_merged": same, "different_merged": different, "merge_ms": took, "varied": varied, **pairs_of}
    return judged(options, keys, bars)


def _varies(row: RecordedReview, pairs: PairModel, seed: int) -> bool:
    """Whether shuffled comments, renamed tools and relabeled issues are merged differently."""
    dice = random.Random(f"{seed}:{row.judge}:{row.pr}")
    expected = _texts(proposals(row, pairs), {})
    for _ in range(_SHUFFLES):
        names = list(row.tools)
        dice.shuffle(names)
        renamed = dict(zip(row.tools, names, strict=True))
        comments = [RecordedComment(tool=renamed[comment.tool], text=comment.text, matches=()) for comment in row.comments]
        dice.shuffle(comments)
        shuffled = row.model_copy(update={"comments": tuple(comments)})
        back = {new: old for old, new in renamed.items()}
        if _texts(proposals(shuffled, pairs), back) != expected:
            return True
    return False


def _texts(made: tuple[Proposal, ...], back: dict[str, str]) -> set[tuple[str, tuple[str, ...]]]:
    return {(each.finding.title, tuple(sorted(back.get(seat, seat) for seat in each.supporters))) for each in made}


def _merge_ms(rows: list[RecordedReview]) -> tuple[float, int]:
    """The best of five for 200 findings of different pull requests, and their number; other work can only make it longer."""
    findings = [comment.finding() for row in rows for comment in row.comments][:_FINDINGS]
    merge(findings[:10])
    best = 1e9
    for _ in range(5):
        started = time.perf_counter()
        merge(findings)
        best = min(best, time.perf_counter() - started)
    return round(best * 1000, 1), len(findings)
