"""Where the recorded reviews are, and how they are split for a measurement: nothing that is tested was fitted on."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.options import Options
from reviewers.evals.recorded import Recorded, read, repositories

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "consensus" / "recorded-reviews.jsonl"


class Fold(NamedTuple):
    """What is fitted on and what is tested, without a pull request or a repository in common."""

    name: str
    train: tuple[Recorded, ...]
    test: tuple[Recorded, ...]


def load(path: str) -> tuple[Recorded, ...]:
    return read(Path(path).read_text(encoding="utf-8").split("\n"))


def folds(options: Options) -> tuple[Fold, ...]:
    """`--train F --test F`: one fold; `--data F`: one for each repository left out; no data: none."""
    if options.train or options.test:
        if not (options.train and options.test):
            raise SystemExit("--train and --test go together")
        return (apart(load(options.train), load(options.test)),)
    path = Path(options.data) if options.data else DATA
    if not path.is_file():
        if options.data:
            raise SystemExit(f"no such file: {path}")
        return ()
    return tuple(split(load(str(path))))


def split(rows: Sequence[Recorded]) -> Iterator[Fold]:
    """Leave one repository out."""
    for name in repositories(rows):
        yield Fold(name, tuple(row for row in rows if row.repo != name), tuple(row for row in rows if row.repo == name))


def apart(train: Sequence[Recorded], test: Sequence[Recorded]) -> Fold:
    """One file to fit on and one to test on; what both hold is not fitted on."""
    tested = {row.pr for row in test}
    return Fold("test", tuple(row for row in train if row.pr not in tested), tuple(test))
