"""Compares the diff index with `git diff --numstat` on real commits, with unidiff file by file, and on malicious paths and contents."""

import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.bars import Bar, Count, at_most, below, exactly, judged, skipped
from benchmarks.fuzzed_tree import contents, grow, paths
from benchmarks.history import History
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.context.diff import parse
from reviewers.context.diff_index import DiffIndex, index

BIG, LARGE = 300_000, 52_000


def run(options: Options) -> dict[str, object]:
    if reason := History(options.repo).missing:
        return skipped(reason)
    with no_sockets():
        return _run(options)


def _run(options: Options) -> dict[str, object]:
    history = History(options.repo)
    pairs = history.changes(options.commits or (8 if options.small else 0))
    seen = _Seen()
    for number, (base, head) in enumerate(pairs):
        seen.compare(history, base, head)
        if number % 50 == 49:
            progress(f"{number + 1} of {len(pairs)} commits, {seen.files} files, {len(seen.mismatches)} mismatches")
    fuzzed, aborts, wrong = _fuzz(random.Random(options.seed), options.n or (60 if options.small else 945))
    big_text, large_text = _big(BIG), _big(LARGE)
    (big, big_lines), (large, large_lines) = _seconds(big_text), _seconds(large_text)
    measured: dict[str, object] = {
        "commits": len(pairs),
        "files": seen.files,
        "mismatches": len(seen.mismatches) + len(wrong),
        "aborts": aborts + seen.aborts,
        "fuzzed": fuzzed,
        "lines_per_s": round(seen.lines / seen.seconds) if seen.seconds else 0,
        "big_diff_s": round(big, 3),
        "large_diff_s": round(large, 3),
        "examples": (seen.mismatches + wrong)[:5],
    }
    compared = (
        Count("commits", len(pairs), 20, small=2, asked=True),
        Count("files", seen.files, len(pairs) // 2 + 1, asked=True),
        Count("fuzzed", fuzzed, 900, small=60, asked=True),
    )
    bars = (
        Bar("mismatches", len(seen.mismatches) + len(wrong), exactly(0), compared),
        Bar("aborts", aborts + seen.aborts, exactly(0), compared),
        Bar("big_diff_s", big, below(0.3, small=3.0), _whole("big_diff_lines", big_lines, big_text)),
        Bar("large_diff_s", large, at_most(0.08, small=0.8), _whole("large_diff_lines", large_lines, large_text)),
    )
    return judged(options, measured, bars)


class _Seen:
    def __init__(self) -> None:
        self.files = self.lines = self.aborts = 0
        self.seconds = 0.0
        self.mismatches: list[str] = []

    def compare(self, history: History, base: str, head: str) -> None:
        """One commit: names and counts against git, rows against the index's own ranges."""
        text = history.diff(base, head).decode("utf-8", "replace")
        started = time.perf_counter()
        found = _survives(lambda: index(text))
        self.seconds += time.perf_counter() - started
        self.lines += text.count("\n")
        if found is None:
            self.aborts += 1
            return
        theirs: Counts = {path: (added, deleted) for path, added, deleted in history.numstat(base, head)}
        counted: Counts = {file.path: (file.additions, file.deletions) for file in found.files}
        for file in found.files:
            # A binary file that only moved: git looked at the blob, but the diff does not say that it is binary.
            if file.binary or (not file.spans and theirs.get(file.path) == (None, None)):
                counted[file.path] = (None, None)
        self.files += len(theirs)
        self.mismatches += [
            f"{head[:9]} {path!r}: git {theirs.get(path)}, index {counted.get(path)}" for path in sorted(differing(counted, theirs))
        ]
        self.mismatches += [f"{head[:9]} {path!r}: unidiff and index differ" for path in _unlike(found)]


Counts = dict[str, tuple[int | None, int | None]]


def differing(ours: Counts, theirs: Counts) -> set[str]:
    """Names that only one side has, or whose counts differ."""
    return {path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path)}


def _unlike(found: DiffIndex) -> Iterator[str]:
    """Files whose rows, as read by unidiff, differ from the index's counts."""
    for file in found.files:
        patch = found.patch(file)
        diff = parse(file.path, patch)
        rows = [row for hunk in diff.hunks for row in hunk.rows] if diff else []
        counts = sum(row.mark == "+" for row in rows), sum(row.mark == "-" for row in rows)
        if counts != (file.additions, file.deletions) or (diff is not None and diff.problem):
            yield file.path


def _fuzz(dice: random.Random, cases: int) -> tuple[int, int, list[str]]:
    """Odd paths and contents through git itself, then every diff cut and garbled: (cases, aborts, mismatches)."""
    aborts, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        names = list(paths(dice, cases))
        progress(f"{len(names)} odd paths and contents")
        history, base, head = grow(Path(folder), dict.fromkeys(names), contents(dice))
        seen = _Seen()
        seen.compare(history, base, head)
        wrong += seen.mismatches
        whole = history.diff(base, head).decode("utf-8", "replace")
    for _ in range(cases):
        text = _garbled(dice, whole)
        found = _survives(lambda text=text: index(text))
        if found is None or _survives(lambda found=found: [parse(file.path, found.patch(file)) for file in found.files]) is None:
            aborts += 1
    return len(names) + cases, aborts + seen.aborts, wrong


def _garbled(dice: random.Random, text: str) -> str:
    start = dice.randrange(len(text))
    piece = text[start : start + dice.randrange(200, 6_000)]
    lines = piece.split("\n")
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(lines))
        lines[at] = dice.choice(
            ("", "@@ -1,9 +1,9 @@", "@@@ -1 -1 +1 @@@", "diff --git ", "--- ", "+++ ", "-", "\\", "@@ -0,0 +0,0 @@", lines[at][1:], "@@ x")
        )
    return "\n".join(lines)


def _survives(work: Callable[[], object]) -> DiffIndex | None:
    try:
        return work()  # type: ignore[return-value]
    except Exception as error:  # noqa: BLE001 — that none gets here is what is measured
        progress(f"abort: {error!r}")
        return None


def _seconds(text: str) -> tuple[float, int]:
    """The best of five, and how many changed lines the index counted."""
    best, changed = 9.0, 0
    for _ in range(5):
        started = time.perf_counter()
        indexed = index(text)
        best = min(best, time.perf_counter() - started)
        changed = sum(file.additions + file.deletions for file in indexed.files)
    return best, changed


def _whole(name: str, indexed: int, text: str) -> tuple[Count]:
    """The time counts for a whole diff only: all changed lines of the text must have been counted."""
    there = len(re.findall(r"^[+-] {8}value_", text, re.M))
    return (Count(name, indexed, there, small=there),)


def _big(lines: int) -> str:
    """A diff of that many lines, about 46 characters each, 200 hunk lines per file."""
    dice = random.Random(1)
    out: list[str] = []
    while len(out) < lines:
        name = f"src/package/module_{len(out)}.py"
        out += [f"diff --git a/{name} b/{name}", "index 1111111..2222222 100644", f"--- a/{name}", f"+++ b/{name}"]
        for hunk in range(5):
            marks = [dice.choice("  +-") for _ in range(40)]
            old, new = sum(mark != "+" for mark in marks), sum(mark != "-" for mark in marks)
            out.append(f"@@ -{hunk * 100 + 1},{old} +{hunk * 100 + 1},{new} @@ def function_{hunk}(argument):")
            out += [f"{mark}        value_{dice.randrange(10**6)} = compute(argument, {dice.randrange(10**4)})" for mark in marks]
    return "\n".join(out) + "\n"
