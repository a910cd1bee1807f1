"""One tenant queues a thousand reviews: how long until another's single one is begun."""

import asyncio
import time

from app.sandbox.house import House
from benchmarks import tenants
from benchmarks.deliveries import percentile
from benchmarks.houses import house
from benchmarks.options import Options, progress

_CROWD = "crowd/shop"
_BAR_SECONDS = 5.0


def run(options: Options) -> dict[str, object]:
    crowd = 60 if options.small else 1000
    return asyncio.run(_measure(options, crowd, probes=options.n or (4 if options.small else 40)))


async def _measure(options: Options, crowd: int, probes: int) -> dict[str, object]:
    async with house(options) as built:
        place = built.sandbox.world.create_repository(_CROWD, tenants.BASE)
        for number in range(crowd):
            place.open_pull_request(f"Change {number}", tenants.defect(number), branch=f"change-{number}")
        await built.sandbox.settled()
        progress(f"{crowd} reviews of one tenant are queued")
        working = asyncio.create_task(built.worker.run_until_stopped())
        waits = [await _probe(built, crowd + number * tenants.PULLS_A_TENANT) for number in range(probes)]
        begun = sum(check.name == "Council" for check in place.check_runs.values())
        built.worker.stop()
        await working
        await built.worker.drain(0.0)
    p95 = percentile(waits, 0.95)
    measured = {"queued": crowd, "probes": probes, "p95_s": round(p95, 2), "max_s": round(max(waits), 2), "crowd_begun": begun}
    return measured | {"database": options.database, "failed": ["p95_s"] if p95 > _BAR_SECONDS else []}


async def _probe(built: House, number: int) -> float:
    """Seconds from a push of another tenant to its check run."""
    asked = time.monotonic()
    place, pull = tenants.open_pull(built.sandbox.world, number)
    while time.monotonic() - asked < 60.0:
        await asyncio.sleep(0.02)
        if any(check.head_sha == pull.head_sha for check in place.check_runs.values()):
            break
    waited = time.monotonic() - asked
    progress(f"another tenant waited {waited:.2f} s")
    return waited
