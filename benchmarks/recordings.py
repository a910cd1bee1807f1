"""Loads the recorded reviews and splits them for a measurement: no tested row is part of a fit."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.bars import Count
from benchmarks.judged_samples import read_samples
from benchmarks.options import Options
from reviewers.evals.recorded import RecordedReview, read_rows, repositories

NO_DATA = "no recorded reviews: give --data, or --train and --test"


class Fold(NamedTuple):
    """The rows to fit on and to test on, without a pull request or a repository in common."""

    name: str
    train: tuple[RecordedReview, ...]
    test: tuple[RecordedReview, ...]


def load(path: str) -> tuple[RecordedReview, ...]:
    """The rows of a file: one per line, or a JSON list of judged samples."""
    if Path(path).suffix == ".json":
        return read_samples(Path(path))
    return read_rows(Path(path).read_text(encoding="utf-8").split("\n"))


def folds(options: Options) -> tuple[Fold, ...]:
    """`--train F --test F`: one fold; `--data F`: one per repository left out; no data: none."""
    if options.train or options.test:
        if not (options.train and options.test):
            raise SystemExit("--train and --test go together")
        return (apart(load(options.train), load(options.test)),)
    if not options.data:
        return ()
    if not Path(options.data).is_file():
        raise SystemExit(f"no such file: {options.data}")
    return tuple(split(load(options.data)))


def evidence(split: Sequence[Fold]) -> tuple[Count, ...]:
    """The minimum behind a figure on recorded reviews; some data sets have fewer than three judges."""
    rows = [row for fold in split for row in fold.test]
    return (
        Count("pull_requests", len({row.pr for row in rows}), 15, asked=True),
        Count("comments", sum(len(row.comments) for row in rows), 500, asked=True),
        Count("golden", sum(len(row.golden) for row in rows), 60, asked=True),
    )


def split(rows: Sequence[RecordedReview]) -> Iterator[Fold]:
    """Leave one repository out."""
    for name in repositories(rows):
        yield Fold(name, tuple(row for row in rows if row.repo != name), tuple(row for row in rows if row.repo == name))


def apart(train: Sequence[RecordedReview], test: Sequence[RecordedReview]) -> Fold:
    """One file to fit on and one to test on; rows in both are not fitted on."""
    tested = {row.pr for row in test}
    return Fold("test", tuple(row for row in train if row.pr not in tested), tuple(test))
