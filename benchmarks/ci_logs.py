"""Measures how well a failure's cause is extracted from labeled real logs within a budget: recall, precision, tokens, speed and memory."""

import time
import tracemalloc
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import mean, median

from benchmarks.bars import Bar, Bound, Count, at_least, at_most, exactly, judged, skipped
from benchmarks.log_cases import Case, Needed, cases, files
from benchmarks.log_fits import ScoredLog, cross_validate, score_log
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from reviewers.context.ci_log.extract import Extract
from reviewers.context.ci_log.extraction import extract
from reviewers.context.tokens import count

BUDGET = 2_000
# The speed is measured on one log made of all, as large as those of the largest jobs; many small ones are reported separately.
LARGE = 100_000_000
# The bounds for recall and hit, precision, and critical signals, by the kind of rows and the budget; the last ones apply to more tokens.
BARS = {
    "logchunks-dev": {2_000: {"recall": 0.88, "hit": 0.98}},
    "logchunks": {2_000: {"recall": 0.92, "hit": 0.99}},
    "cidiff": {2_000: {"recall": 0.85, "precision": 0.50}, 8_000: {"recall": 0.93}},
    "github-actions": {4_000: {"critical": 0.95}},
}
# The floor for a small form or a smaller budget: plain scored lines keep more.
FLOOR = {"recall": 0.4, "hit": 0.5, "precision": 0.1, "critical": 0.4}
SPEED, PEAK = 50.0, 3.0


class Tally:
    """The measurements so far."""

    def __init__(self) -> None:
        self.recall: defaultdict[str, list[float]] = defaultdict(list)
        self.halves: defaultdict[int, list[float]] = defaultdict(list)
        self.precision: list[float] = []
        self.critical: list[bool] = []
        self.tokens: list[int] = []
        self.seconds, self.size, self.over = 0.0, 0, 0

    def add(self, case: Case, taken: Extract, seconds: float, budget: int) -> None:
        shown = {line.number: line.text for line in taken.lines}
        tokens = count(taken.text)
        self.tokens.append(tokens)
        self.over += tokens > budget
        self.seconds += seconds
        self.size += len(case.log) + len(case.green or b"")
        self.critical += [all(_kept(shown, line) for line in signal) for signal in case.signals]
        if case.answers:
            recall, answer = max(
                ((mean(_kept(shown, line) for line in answer), answer) for answer in case.answers), key=lambda pair: pair[0]
            )
            self.recall[case.project].append(recall)
            self.halves[case.half].append(recall)
            labelled = {line.number for line in answer}
            said = [number for number, text in shown.items() if text.strip()]
            self.precision.append(mean(number in labelled for number in said) if said else 0.0)

    def result(self) -> dict[str, object]:
        """The keys, without those of the speed."""
        rows = [value for values in self.recall.values() for value in values]
        ordered = sorted(self.tokens)
        return {
            "logs": len(self.tokens),
            "hit": _rounded([value > 0 for value in rows]),
            "recall": _rounded(rows),
            "recall_by_project": _rounded([mean(values) for values in self.recall.values()]),
            "recall_by_half": [_rounded(self.halves[half]) for half in (0, 1)],
            "precision": _rounded(self.precision),
            "critical": _rounded(self.critical),
            "tokens_median": median(ordered),
            "tokens_p95": ordered[int(0.95 * (len(ordered) - 1))],
            "over_budget": self.over,
            "mb_per_s_small_logs": round(self.size / 1e6 / max(self.seconds, 1e-9), 1),
        }


def run(options: Options) -> dict[str, object]:
    path, budget = Path(options.logs), options.budget or BUDGET
    if not options.logs or not path.exists() or not files(path):
        return skipped(f"no labelled logs{f' at {path}' if options.logs else ''}: give --logs")
    count("the vocabulary is read once")
    whole, by_file, sample, sizes = Tally(), dict[str, Tally](), list[Case](), 0
    scored: list[ScoredLog] = []
    with no_sockets():
        for file in files(path):
            tally = by_file[file.name] = Tally()
            for number, case in enumerate(cases(file)):
                if options.small and number % 10:
                    continue
                started = time.perf_counter()
                taken = extract(case.log, case.green, budget)
                took = time.perf_counter() - started
                whole.add(case, taken, took, budget)
                tally.add(case, taken, took, budget)
                if sizes < LARGE:
                    sample.append(case)
                    sizes += len(case.log)
                if not options.small:
                    scored.append(score_log(file.name, case, _budget(file.name, budget)))
                if number % 50 == 49:
                    progress(f"{number + 1} logs")
        speed, peak = _one_large_log(sample, budget, LARGE // 10 if options.small else LARGE)
    keys = {"budget": budget, "path": str(path)} | whole.result() | {"mb_per_s": speed, "peak_ratio": peak}
    # The fair figure: the worth of the chosen weights on logs that they were not chosen on.
    keys["cross_validation"] = cross_validate(scored) if scored else None
    least = (Count("logs", len(whole.tokens), 10, asked=True), Count("tokens", sum(whole.tokens), 100 * len(whole.tokens)))
    bars = [
        Bar("over_budget", whole.over, exactly(0), least),
        Bar("mb_per_s", speed, at_least(SPEED, small=5), least),
        Bar("peak_ratio", peak, at_most(PEAK, small=2 * PEAK), least),
    ]
    for name, tally in by_file.items():
        bars += _accuracy(name if len(by_file) > 1 else "", _bounds(name, budget), tally)
    return judged(options, keys, bars)


def _kept(shown: dict[int, str], needed: Needed) -> bool:
    return needed.number in shown and needed.text in shown[needed.number]


def _rounded(values: list[float] | list[bool]) -> float | None:
    return round(float(mean(values)), 4) if values else None


def _one_large_log(sample: list[Case], budget: int, size: int) -> tuple[float, float]:
    """Megabytes per second (log and green log), the best of three, and the peak of memory over their size, including them.

    Seconds are this thread's CPU time, so that a busy machine gives the same figure.
    """
    logs = b"\n".join(case.log for case in sample) + b"\n"
    log = logs * max(1, size // len(logs))
    greens = [case.green for case in sample if case.green]
    green = b"\n".join(greens) * max(1, size // len(logs)) if greens else None
    total = len(log) + len(green or b"")
    seconds = []
    for _ in range(3):
        started = time.process_time()
        extract(log, green, budget)
        seconds.append(time.process_time() - started)
    progress(f"one log of {total / 1e6:.0f} MB: {min(seconds):.2f} s")
    tracemalloc.start()
    extract(log, green, budget)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return round(total / 1e6 / min(seconds), 1), round((peak + total) / total, 2)


def _budget(name: str, budget: int) -> int:
    """The tokens at which the bar of a set's kind applies, or those of this run if they are more."""
    least = min((min(bars) for kind, bars in BARS.items() if name.startswith(kind)), default=budget)
    return max(least, budget)


def _bounds(name: str, budget: int) -> dict[str, Bound]:
    """The bounds of accuracy by the kind of rows in the file's name and by the budget; a floor if no bar was set."""
    kind = next((kind for kind in BARS if name.startswith(kind)), "")
    at = max((at for at in BARS.get(kind, {}) if at <= budget), default=None)
    if at is not None:
        return {key: at_least(value, small=FLOOR[key]) for key, value in BARS[kind][at].items()}
    return {key: at_least(FLOOR[key], small=FLOOR[key] / 2) for key in ("recall", "critical")}


def _accuracy(name: str, bounds: Mapping[str, Bound], tally: Tally) -> Iterator[Bar]:
    figures = tally.result()
    labelled, signals = sum(len(values) for values in tally.recall.values()), len(tally.critical)
    for key, bound in bounds.items():
        rows = Count(f"{name} signals".strip(), signals, 10, asked=True) if key == "critical" else None
        rows = rows or Count(f"{name} labelled".strip(), labelled, 10, asked=True)
        if rows.counted or figures[key] is not None:
            yield Bar(f"{name} {key}".strip(), figures[key], bound, (rows,))  # type: ignore[arg-type]
