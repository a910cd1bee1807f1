"""Sends SIGTERM under load: every worker exits within 30 s, no lease is held afterward, and nothing is lost."""

import asyncio
import random
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks import raw_sql
from benchmarks.bars import Bar, Count, at_most, judged
from benchmarks.checker import tally, zeros
from benchmarks.crowd import Crowd
from benchmarks.fleet import Fleet, fleet, until
from benchmarks.options import Options, progress

_SEATS = "openai/gpt-5.5"
_BAR_SECONDS = 30.0
# A leased job, by the table as it is stored.
_HELD = "SELECT count(*) FROM job WHERE state = 'running'"


def run(options: Options) -> dict[str, object]:
    terms = options.n or (2 if options.small else 100)
    dice, ends = random.Random(options.seed), list[End]()
    with fleet(options, seats=_SEATS) as built:
        crowd = Crowd(built.control)
        built.control.set_limits(primary_hour=1_000_000)
        built.control.program_model("gpt-5.5", findings=[], delay_ms=3_000)
        for turn in range(terms):
            ends.append(_end_one(built, crowd, dice))
            progress(f"{turn + 1} of {terms}: gone after {ends[-1].seconds:.1f} s, {ends[-1].held_before} jobs held before")
        built.start_worker()
        crowd.settle(30.0 if options.small else 180.0)
        measured = tally(crowd.all())
    # A worker without a job has nothing to release, so most are stopped while models think.
    loaded = sum(end.held_before > 0 for end in ends)
    measured |= {"sigterms": terms, "under_load": loaded, "max_exit_s": round(max(end.seconds for end in ends), 1)}
    measured |= {"leases_held": sum(end.held_after for end in ends), "database": options.database}
    counts = (Count("sigterms", terms, 20, asked=True), Count("under_load", loaded, max(1, terms * 3 // 4)))
    late = Bar("max_exit_s", measured["max_exit_s"], at_most(_BAR_SECONDS), counts)
    return judged(options, measured, [*zeros(measured, counts, "leases_held"), late])


@dataclass(frozen=True)
class End:
    """The end of one worker: its seconds, and its jobs just before and after."""

    seconds: float
    held_before: int
    held_after: int


def _end_one(built: Fleet, crowd: Crowd, dice: random.Random) -> End:
    """Start a worker, give it work, and stop it while models think."""
    control, worker = built.control, built.start_worker()
    begun = len(control.calls())
    crowd.open(3)
    until(lambda: len(control.calls()) > begun or _held(built) > 0, 60.0, pause=0.1)
    time.sleep(dice.random() * 2.0)
    before, asked = _held(built), time.monotonic()
    worker.send_signal(signal.SIGTERM)
    try:
        worker.wait(60)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()
    took = time.monotonic() - asked
    built.bury()
    return End(took, before, _held(built))


def _held(built: Fleet) -> int:
    """Jobs that are leased, or that were never released."""
    return asyncio.run(raw_sql.number(built.environment["DATABASE_URL"], Path(built.environment["COUNCIL_DATA"]), _HELD))
