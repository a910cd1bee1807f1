"""Fit reviewers/council/learned.json anew: `python -m benchmarks.fit --data PATH [--write]`.

The file that ships is fitted on the development part of the recorded reviews, as councils of three to five, which is what people seat.
"""

import argparse
import datetime
import sys
from pathlib import Path

from benchmarks.recordings import load
from reviewers.council.learned import Learned, Provenance
from reviewers.evals.training import SHIPPED, train

TARGET = Path(__file__).parent.parent / "reviewers" / "council" / "learned.json"


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.fit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="replace the file that ships; else print it")
    arguments = parser.parse_args()
    rows = load(str(arguments.data))
    fitted = train(rows, SHIPPED)
    assert fitted.judgement.table is not None
    repositories = ", ".join(sorted({row.repo for row in rows}))
    learned = Learned(
        provenance=Provenance(
            data="withmartian/code-review-benchmark @ f3e1f61, MIT",
            part=f"{repositories}; all judges pooled; councils of {', '.join(map(str, SHIPPED.seats))} tools",
            date=datetime.datetime.now(datetime.UTC).date().isoformat(),
            pull_requests=len({row.pr for row in rows}),
            pairs=fitted.pairs,
            proposals=fitted.proposals,
            script="python -m benchmarks.fit --data recorded-reviews.jsonl --write",
        ),
        pairs=fitted.judgement.pairs,
        ranks=fitted.judgement.ranks,
        table=fitted.judgement.table,
    )
    text = learned.model_dump_json(indent=2) + "\n"
    if arguments.write:
        TARGET.write_text(text, encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
