"""Measures how well single-model findings are ordered within a pull request: judged comments on real pull requests.

`--data` names alibaba/aacr-bench's `dataset/positive_samples.json` (or recorded reviews with lines). Records and weights are
fitted on the other repositories of the file, in ten folds. `record` is the order by the seat's record alone.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bars import Bar, Count, at_least, judged, skipped
from benchmarks.fitting.forming import find_singles, fit_forms, order_quality, rank_singles, tool_records, with_records
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, load
from reviewers.council.finding_form import FormModel
from reviewers.council.learned_models import shipped_models
from reviewers.evals.judging import proposals
from reviewers.evals.recorded import RecordedReview, repositories
from reviewers.values.verdict import Proposal

_FOLDS = 10


def run(options: Options) -> dict[str, object]:
    """`auc` is the share of pairs, a right and a wrong finding of one pull request, that are in order; ties count half."""
    if not options.data:
        return skipped(NO_DATA)
    if not Path(options.data).is_file():
        raise SystemExit(f"no such file: {options.data}")
    rows, pairs = load(options.data), shipped_models().pairs
    made = [proposals(row, pairs) for row in rows]
    singles = [single for row, proposed in zip(rows, made, strict=True) for single in find_singles(row, proposed)]
    fold_of = {name: at % _FOLDS for at, name in enumerate(repositories(rows))}
    by_form, by_record = [], []
    for fold in range(_FOLDS):
        others = [row for row in rows if fold_of[row.repo] != fold]
        forms = fit_forms(with_records(others, [single for single in singles if fold_of[single.row.repo] != fold], fold_of))
        records = tool_records(others)
        for row, proposed in zip(rows, made, strict=True):
            if fold_of[row.repo] == fold:
                by_form += _scored(row, proposed, rank_singles(row, proposed, records, forms))
                by_record += _scored(row, proposed, rank_singles(row, proposed, records, FormModel()))
    progress(f"left out each of {_FOLDS} groups of {len(fold_of)} repositories")
    auc, compared = order_quality(by_form)
    record, _ = order_quality(by_record)
    counts = (
        Count("pull_requests", len(rows), 50, small=3, asked=True),
        Count("singles", len(by_form), 500, small=5, asked=True),
        Count("pairs", compared, 1_000, small=5, asked=True),
    )
    bars = (Bar("auc", auc, at_least(0.63, small=0.5), counts),)
    return judged(options, {"auc": round(auc, 4), "record": round(record, 4)}, bars)


def _scored(row: RecordedReview, proposed: Sequence[Proposal], scores: Mapping[str, float]) -> list[tuple[tuple[str, str], float, bool]]:
    return [((row.judge, row.pr), scores[single.proposal.id], single.right) for single in find_singles(row, proposed)]
