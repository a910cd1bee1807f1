"""Fit reviewers/council/learned.json again: `python -m benchmarks.fit --data PATH [--write]`, or `--samples PATH` for the order of singles.

The shipped file is fitted on the development part of the recorded reviews, as councils of three to twelve, the supported sizes.
"""

import argparse
import datetime
import sys
from pathlib import Path

from benchmarks.fitting.forming import find_singles, fit_forms, with_records
from benchmarks.fitting.training import SHIPPED, train
from benchmarks.recordings import load
from reviewers.council.learned_models import Learned, Provenance
from reviewers.council.learned_models import load as load_learned
from reviewers.evals.judging import proposals
from reviewers.evals.recorded import repositories

TARGET = Path(__file__).parent.parent / "reviewers" / "council" / "learned.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.fit", description=__doc__)
    parser.add_argument("--data", type=Path, help="recorded reviews: fits everything but the order of single findings")
    parser.add_argument("--samples", type=Path, help="judged samples with lines: fits the order of single findings alone")
    parser.add_argument("--write", action="store_true", help="replace the shipped file; by default, print it")
    arguments = parser.parse_args()
    learned = load_learned(TARGET.read_text(encoding="utf-8"))
    if arguments.data:
        learned = _fit_judgement(arguments.data, learned)
    if arguments.samples:
        learned = _fit_singles(arguments.samples, learned)
    text = learned.model_dump_json(indent=2) + "\n"
    if arguments.write:
        TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


def _fit_judgement(data: Path, learned: Learned) -> Learned:
    rows = load(str(data))
    fitted = train(rows, SHIPPED)
    assert fitted.judgement.table is not None
    repositories = ", ".join(sorted({row.repo for row in rows}))
    provenance = Provenance(
        data="withmartian/code-review-benchmark @ f3e1f61, MIT",
        part=f"{repositories}; all judges pooled; councils of {SHIPPED.seats[0]} to {SHIPPED.seats[-1]} tools",
        date=datetime.datetime.now(datetime.UTC).date().isoformat(),
        pull_requests=len({row.pr for row in rows}),
        pairs=fitted.pairs,
        proposals=fitted.proposals,
        script="python -m benchmarks.fit --data recorded-reviews.jsonl --write",
    )
    return learned.model_copy(
        update={
            "provenance": provenance,
            "pairs": fitted.judgement.pairs,
            "ranks": fitted.judgement.ranks,
            "table": fitted.judgement.table,
        }
    )


def _fit_singles(samples: Path, learned: Learned) -> Learned:
    rows = load(str(samples))
    singles = [single for row in rows for single in find_singles(row, proposals(row, learned.pairs))]
    # Every repository is a fold, so the records that the weights were fitted with never included the answer.
    fold_of = {name: at for at, name in enumerate(repositories(rows))}
    forms = fit_forms(with_records(rows, singles, fold_of))
    today = datetime.datetime.now(datetime.UTC).date()
    formed = f"alibaba/aacr-bench, Apache-2.0; {len(singles)} single findings of {len(rows)} pull requests, {today}"
    return learned.model_copy(update={"forms": forms, "formed": formed})


if __name__ == "__main__":
    sys.exit(main())
