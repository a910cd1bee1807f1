"""SIGTERM under load: every worker is gone within 30 s, no lease is held, and nothing is lost."""

import asyncio
import random
import signal
import time
from pathlib import Path

from app.store.database import open_database
from app.store.job_list import listed
from app.store.tables import JobState
from benchmarks.checker import missed, tally
from benchmarks.crowd import Crowd
from benchmarks.fleet import Fleet, fleet, until
from benchmarks.options import Options, progress

_SEATS = "openai/gpt-5.5"
_BAR_SECONDS = 30.0


def run(options: Options) -> dict[str, object]:
    terms = options.n or (2 if options.small else 100)
    dice, exits, held = random.Random(options.seed), list[float](), 0
    with fleet(options, seats=_SEATS) as built:
        crowd = Crowd(built)
        built.control.set_limits(primary_hour=1_000_000)
        built.control.program_model("gpt-5.5", findings=[], delay_ms=3_000)
        for turn in range(terms):
            exits.append(_end_one(crowd, dice))
            held += asyncio.run(_held(built))
            progress(f"{turn + 1} of {terms}: gone after {exits[-1]:.1f} s")
        built.start_worker()
        crowd.settle(180.0)
        measured = tally(crowd.all())
    measured |= {"sigterms": terms, "max_exit_s": round(max(exits), 1), "leases_held": held, "database": options.database}
    late = ["max_exit_s"] if measured["max_exit_s"] > _BAR_SECONDS else []
    return measured | {"failed": [*missed(measured, "leases_held"), *late]}


def _end_one(crowd: Crowd, dice: random.Random) -> float:
    """Start a worker, give it work, and ask it to go while models think; how many seconds that took."""
    control, worker = crowd.fleet.control, crowd.fleet.start_worker()
    begun = len(control.calls())
    crowd.open(3)
    until(lambda: len(control.calls()) > begun, 20.0, pause=0.1)
    time.sleep(dice.random() * 2.0)
    asked = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    worker.wait(60)
    crowd.fleet.bury()
    return time.monotonic() - asked


async def _held(built: Fleet) -> int:
    """Jobs that a worker which is gone still holds."""
    database = open_database(str(built.environment["DATABASE_URL"]), Path(str(built.environment["COUNCIL_DATA"])))
    try:
        async with database.read() as connection:
            return len(await listed(connection, [JobState.RUNNING], 1000))
    finally:
        await database.close()
