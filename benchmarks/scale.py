"""Measures reviews per second with one, two and four workers on one PostgreSQL, and the limiting resource."""

import time
from pathlib import Path

from benchmarks.bars import Bar, Count, at_least, judged
from benchmarks.checker import Seen, tally, zeros
from benchmarks.crowd import Crowd
from benchmarks.fleet import Fleet, fleet
from benchmarks.options import Options, progress

_SEATS = "openai/gpt-5.5,anthropic/claude-opus-5-5,gemini/gemini-3.1-pro-preview"
_WORKERS = (1, 2, 4)
_MODEL_MS = 3_000
_SETTLE, _SETTLE_SMALL = 600.0, 90.0
_CAPS = {"per_installation": 4, "in_all": 200}


def run(options: Options) -> dict[str, object]:
    runs = options.n or (8 if options.small else 120)
    counts = _WORKERS[:2] if options.small else _WORKERS
    rates: dict[str, float] = {}
    busy: dict[str, float] = {}
    seen: list[Seen] = []
    for workers in counts:
        with fleet(Options(**{**vars(options), "database": "postgres"}), seats=_SEATS) as built:
            rates[str(workers)], busy[str(workers)], found = _rate(built, workers, runs)
            seen += found
        progress(f"{workers} workers: {rates[str(workers)]} reviews per second, {busy[str(workers)]} cores busy")
    limit = "the two cores of this machine, which also carry the sandbox" if max(busy.values()) > 1.6 else "the models' own time"
    grown = rates[str(counts[1])] / rates[str(counts[0])] if rates[str(counts[0])] else None
    measured = {"runs_per_s": rates, "cores_busy": busy, "runs": runs, "limit": limit, **tally(seen)}
    published = measured["published"]
    least = (Count("runs", runs, 40, small=4, asked=True), Count("published", published, len(seen), small=len(seen)))
    return judged(options, measured, [Bar("runs_per_s", grown, at_least(0.9, small=0.6), least), *zeros(measured, least)])


def _rate(built: Fleet, workers: int, runs: int) -> tuple[float, float, list[Seen]]:
    """Published reviews per second by GitHub's final state; busy cores; and that state."""
    control = built.control
    control.set_limits(primary_hour=1_000_000)
    for seat in _SEATS.split(","):
        control.program_model(seat.split("/", 1)[1], findings=[], delay_ms=_MODEL_MS)
    control.set_webhook(mode="hold")
    crowd = Crowd(control)
    crowd.open(runs)
    for _ in range(workers):
        built.start_worker(caps=_CAPS)
    # Until they have loaded what a review needs.
    time.sleep(15.0)
    started, used = time.monotonic(), _cpu_seconds()
    control.release()
    crowd.settle(_SETTLE_SMALL if runs < 20 else _SETTLE)
    seconds, busy = time.monotonic() - started, _cpu_seconds() - used
    seen = crowd.all()
    return round(sum(each.published for each in seen) / seconds, 2), round(busy / seconds, 2), seen


def _cpu_seconds() -> float:
    """The CPU time of all cores of this machine since its start."""
    user, nice, system = (int(word) for word in Path("/proc/stat").read_text().split()[1:4])
    return (user + nice + system) / 100.0
