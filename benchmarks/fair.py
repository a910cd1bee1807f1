"""Measures how long a tenant's single review waits after another tenant queued a thousand."""

import asyncio
import time

from app.sandbox.github.repository import SandboxRepository
from benchmarks import tenants
from benchmarks.bars import Bar, Count, at_most, judged
from benchmarks.deliveries import percentile
from benchmarks.options import Options, progress
from benchmarks.systems import system
from tests.system import InProcessSystem

_CROWD = "crowd/shop"
_BAR_SECONDS = 5.0
# On a machine shared with a test suite, PostgreSQL's small form took 6 s once; a probe ends after _LONGEST_SMALL.
_BAR_SECONDS_SMALL, _LONGEST_SMALL = 14.0, 15.0
# A bound on the turns of others: the duration of a wait depends on the machine, their order does not.
_OVERTAKEN = 25


def run(options: Options) -> dict[str, object]:
    crowd = 300 if options.small else 1000
    return asyncio.run(_measure(options, crowd, probes=options.n or (4 if options.small else 40)))


async def _measure(options: Options, crowd: int, probes: int) -> dict[str, object]:
    async with system(options) as built:
        place = built.sandbox.world.create_repository(_CROWD, tenants.BASE)
        for number in range(crowd):
            place.open_pull_request(f"Change {number}", tenants.defect(number), branch=f"change-{number}")
        await built.sandbox.settled()
        progress(f"{crowd} reviews of one tenant are queued")
        working = asyncio.create_task(built.worker.run_until_stopped())
        longest = _LONGEST_SMALL if options.small else 60.0
        found = [await _probe(built, place, crowd + number * tenants.PULLS_A_TENANT, longest) for number in range(probes)]
        begun = _begun(place)
        built.worker.stop()
        await working
        await built.worker.drain(0.0)
    waits = [wait for wait, _ in found]
    p95, overtaken = percentile(waits, 0.95), percentile([float(ahead) for _, ahead in found], 0.95)
    measured = {"queued": crowd, "probes": probes, "p95_s": round(p95, 2), "max_s": round(max(waits), 2), "crowd_begun": begun}
    measured |= {"overtaken_p95": overtaken, "database": options.database}
    # Without a queue nobody waits: the crowd must have started, and must not have finished.
    counts = (
        Count("probes", probes, 10, small=4, asked=True),
        Count("crowd_begun", begun, probes, small=4),
        Count("crowd_waiting", crowd - begun, 1),
    )
    bars = (
        Bar("p95_s", p95, at_most(_BAR_SECONDS, small=_BAR_SECONDS_SMALL), counts),
        Bar("overtaken_p95", overtaken, at_most(_OVERTAKEN), counts),
    )
    return judged(options, measured, bars)


def _begun(place: SandboxRepository) -> int:
    """How many of the crowd's reviews have begun, according to GitHub."""
    return sum(check.name == "Council" for check in place.check_runs.values())


async def _probe(built: InProcessSystem, crowd: SandboxRepository, number: int, longest: float) -> tuple[float, int]:
    """Seconds from another tenant's push to its check run, and how many of the crowd began in between."""
    asked, ahead = time.monotonic(), _begun(crowd)
    place, pull = tenants.open_pull(built.sandbox.world, number)
    while time.monotonic() - asked < longest:
        await asyncio.sleep(0.02)
        if any(check.head_sha == pull.head_sha for check in place.check_runs.values()):
            break
    waited = time.monotonic() - asked
    ahead = _begun(crowd) - ahead
    progress(f"another tenant waited {waited:.2f} s, while {ahead} of the crowd began")
    return waited, ahead
