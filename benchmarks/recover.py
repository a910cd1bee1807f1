"""Kills a worker during its model calls: how long until another continues, and what is bought again (lease times unchanged)."""

import time
from dataclasses import dataclass
from typing import Any

from benchmarks.bars import Bar, Count, at_most, judged, skipped
from benchmarks.checker import tally, zeros
from benchmarks.crowd import Crowd
from benchmarks.deliveries import percentile
from benchmarks.fleet import Fleet, fleet, until
from benchmarks.options import Options, progress
from benchmarks.pooled import compare, pooler_bar
from benchmarks.real_parts import find_missing

_SEATS = "openai/gpt-5.5,anthropic/claude-opus-5-5"
_BAR_SECONDS = 20.0
_RUNS = 6
_STORED_SECONDS = 0.5


@dataclass
class Blow:
    """One kill: when, and the pause of each run."""

    waits: list[float]
    repeated_stored: int
    repeated_in_flight: int
    stored: int


def run(options: Options) -> dict[str, object]:
    """With --pooler, the kills take place directly and through PgBouncer, in turn."""
    if options.pooler and (missing := find_missing()):
        return skipped(missing)
    measured = compare(options, _measure, "p99_s") if options.pooler else _measure(options)
    kills = measured["kills"]
    # Each kill must find a stored answer of every run, and another worker must ask every run's other seat.
    counts = (
        Count("kills", kills, 3, asked=True),
        Count("stored", measured["stored"], kills * _RUNS, small=kills * _RUNS),
        Count("resumed", measured["resumed"], kills * _RUNS, small=kills * _RUNS),
    )
    slowest = max([measured["p99_s"]] if not options.pooler else [*measured["direct_p99_s"], *measured["pooled_p99_s"]])
    bars = [*zeros(measured, counts, "stored_repeated"), Bar("p99_s", slowest, at_most(_BAR_SECONDS, small=3 * _BAR_SECONDS), counts)]
    bars += [pooler_bar(measured, counts)] if options.pooler else []
    return judged(options, measured | {"database": "postgres" if options.pooler else options.database}, bars)


def _measure(options: Options) -> dict[str, Any]:
    blows = options.n or (1 if options.small else 3 if options.pooler else 10)
    with fleet(options, seats=_SEATS) as built:
        built.control.set_limits(primary_hour=1_000_000)
        found: list[Blow] = []
        crowd = Crowd(built.control)
        for turn in range(blows):
            found.append(_blow(built, crowd))
            progress(f"blow {turn + 1} of {blows}: resumed within {max(found[-1].waits, default=0.0):.1f} s")
        seen = crowd.all()
    waits = [wait for blow in found for wait in blow.waits]
    return tally(seen) | {
        "kills": blows,
        "resumed": len(waits),
        "p99_s": round(percentile(waits, 0.99), 1),
        "median_s": round(percentile(waits, 0.5), 1),
        "stored_repeated": sum(blow.repeated_stored for blow in found),
        "in_flight_repeated": sum(blow.repeated_in_flight for blow in found),
        "stored": sum(blow.stored for blow in found),
    }


def _blow(built: Fleet, crowd: Crowd) -> Blow:
    """Kill the one worker while one seat thinks and the other's answer is stored; start another at once, like a supervisor."""
    control = built.control
    control.clear()
    # The first seat answers at once, the second thinks long enough for a kill.
    control.program_model("gpt-5.5", findings=[], delay_ms=50)
    control.program_model("claude-opus-5-5", findings=[], delay_ms=6_000)
    doomed = built.start_worker()
    crowd.open(_RUNS, apart=True)
    until(lambda: sum(call["model"] == "gpt-5.5" for call in control.calls()) >= _RUNS, 60.0, pause=0.1)
    time.sleep(1.0)
    before = {call["prompt_sha256"]: call for call in control.calls() if call["status"] == 200}
    killed_at = time.monotonic()
    doomed.kill()
    doomed.wait()
    built.bury()
    control.program_model("claude-opus-5-5", findings=[], delay_ms=50)
    built.start_worker()
    waits = _waits(crowd, killed_at)
    crowd.settle(60.0)
    again = [call for call in control.calls() if call["status"] == 200 and call["prompt_sha256"] in before]
    stored = sum(call["number"] > before[call["prompt_sha256"]]["number"] for call in again)
    answers = sum(call["model"].startswith("claude") and call["status"] == 200 for call in control.calls())
    for worker in built.workers:
        worker.kill()
        worker.wait()
    built.bury()
    return Blow(waits, stored, max(0, answers - 2 * _RUNS), sum(call["model"] == "gpt-5.5" for call in before.values()))


def _waits(crowd: Crowd, killed_at: float) -> list[float]:
    """Per run: seconds from the kill until its new worker asks the seat that had not answered; all clocks are this machine's."""

    def asked() -> list[float]:
        calls = crowd.control.calls()
        again = [call["started"] - killed_at for call in calls if call["model"].startswith("claude") and call["started"] > killed_at]
        return sorted(again)[:_RUNS]

    until(lambda: len(asked()) == _RUNS, 60.0, pause=0.2)
    return asked()
