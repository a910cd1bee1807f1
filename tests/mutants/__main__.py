"""`python -m tests.mutants [--n N --seed S] [--changed] [--only TEXT]`: a line per sabotage, one JSON object on the last line."""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.mutant import ROOT, Mutant
from tests.mutants.running import Fate, find_red, function_of, try_mutant
from tests.mutants.tables import MUTANTS

_STATE = ROOT / ".cache" / "mutants.jsonl"


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.mutants", description="Break one promise at a time and run its closest tests.")
    parser.add_argument("--n", type=int, default=0, help="the number of sabotages, drawn by the seed; 0 is all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changed", action="store_true", help="those of files that differ from the main branch or are not committed")
    parser.add_argument("--only", default="", help="only those whose name contains this text")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--resume", action="store_true", help="leave out what the last run has tried")
    arguments = parser.parse_args()
    chosen = _choose(arguments)
    started = time.perf_counter()
    fates = _run(chosen, arguments.jobs, resume=arguments.resume)
    unproved = _find_unproved(fates)
    survivors = [fate.name for fate in fates if fate.end == "survived"]
    counts = {end: sum(fate.end == end for fate in fates) for end in ("caught", "survived", "not_applied")}
    tail = {
        "name": "mutants",
        "seconds": round(time.perf_counter() - started),
        "tried": len(fates),
        **counts,
        "survivors": survivors,
        "unproved": unproved,
    }
    sys.stdout.write(json.dumps(tail) + "\n")
    return 1 if counts["survived"] or counts["not_applied"] or unproved or not fates else 0


def _choose(arguments: argparse.Namespace) -> list[Mutant]:
    chosen = [mutant for mutant in MUTANTS if arguments.only in mutant.name]
    if arguments.changed:
        changed = _changed()
        chosen = [mutant for mutant in chosen if mutant.path in changed]
    if arguments.n:
        chosen = random.Random(arguments.seed).sample(chosen, min(arguments.n, len(chosen)))
    return chosen


def _changed() -> frozenset[str]:
    """The files that differ from main, committed or not."""
    command = ["git", "diff", "--name-only", "--merge-base", "main"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return frozenset(listed.split())


def _run(chosen: Sequence[Mutant], jobs: int, *, resume: bool) -> list[Fate]:
    _STATE.parent.mkdir(exist_ok=True)
    done = _read_state() if resume else {}
    with (
        tempfile.TemporaryDirectory(prefix="council-mutants-", dir=ROOT / ".cache") as folder,
        _STATE.open("a" if resume else "w") as state,
    ):
        free: SimpleQueue[Path] = SimpleQueue()
        for number in range(jobs):
            free.put(Path(folder) / str(number))

        def one(mutant: Mutant) -> Fate:
            if mutant.name in done:
                return done[mutant.name]
            place = free.get()
            try:
                fate = try_mutant(mutant, place)
            finally:
                free.put(place)
            state.write(json.dumps(fate._asdict()) + "\n")
            state.flush()
            sys.stderr.write(f"{fate.end:12}{fate.name}{'  by ' + fate.by if fate.by else ''}\n")
            return fate

        with ThreadPoolExecutor(jobs) as pool:
            return list(pool.map(one, chosen))


def _find_unproved(fates: Sequence[Fate]) -> list[str]:
    """The sabotages that were caught by a test which fails without them, too."""
    tests = {function_of(fate.by) for fate in fates if fate.end == "caught" and "::" in fate.by}
    if not tests:
        return []
    sys.stderr.write(f"{len(tests)} tests that caught a sabotage, without one\n")
    with tempfile.TemporaryDirectory(prefix="council-mutants-", dir=ROOT / ".cache") as folder:
        red = find_red(tests, Path(folder))
    return [fate.name for fate in fates if function_of(fate.by) in red]


def _read_state() -> dict[str, Fate]:
    if not _STATE.is_file():
        return {}
    fates = (Fate(**json.loads(line)) for line in _STATE.read_text(encoding="utf-8").splitlines())
    return {fate.name: fate for fate in fates}


if __name__ == "__main__":
    sys.exit(main())
