"""Measures recovery from deliveries that failed for half an hour and some that were never sent: all are recovered, and how late."""

import asyncio
import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.webhook_sender import DeliveryMode
from app.work.schedule import Schedule, queue
from app.work.worker import Worker
from benchmarks import tenants
from benchmarks.bars import Bar, Count, at_most, exactly, judged
from benchmarks.checker import seen, tally
from benchmarks.options import Options, progress
from benchmarks.systems import Ahead, system, worker_at
from tests.system import InProcessSystem

DOWN_SECONDS = 1800
_STEP = 60
_LAST = DOWN_SECONDS + 1500


@dataclass
class Missed:
    """A pull request whose event was not delivered; times are seconds on the fake clock since the outage began."""

    place: SandboxRepository
    pull: PullRequest
    at: float
    sent: bool
    recovered_at: float | None = None

    @property
    def delay(self) -> float:
        """Since the web process was back, or since it was opened if no delivery was ever tried."""
        end = self.recovered_at if self.recovered_at is not None else float("inf")
        return max(0.0, end - (DOWN_SECONDS if self.sent else self.at))


def run(options: Options) -> dict[str, object]:
    n = options.n or (8 if options.small else 200)
    return asyncio.run(_measure(options, n))


async def _measure(options: Options, n: int) -> dict[str, object]:
    dice = random.Random(options.seed)
    moments = sorted(dice.uniform(0, DOWN_SECONDS) for _ in range(n))
    async with system(options) as built:
        clock, schedule = Ahead(), Schedule()
        worker = worker_at(built, clock)
        for number in range(0, n, tenants.PULLS_A_TENANT):
            tenants.repository(built.sandbox.world, number)
        await _turn(built, worker, clock, schedule)
        missing: list[Missed] = []
        for second in range(_STEP, _LAST + 1, _STEP):
            while len(missing) < n and moments[len(missing)] < second:
                missing.append(_miss(built, len(missing), moments[len(missing)], sent=dice.random() < 0.5))
            clock.seconds = second
            await _turn(built, worker, clock, schedule)
            for each in missing:
                if each.recovered_at is None and seen(each.place, each.pull).published:
                    each.recovered_at = second
            progress(f"{second // 60} min: {sum(each.recovered_at is not None for each in missing)} of {len(missing)} recovered")
        measured = tally([seen(each.place, each.pull) for each in missing])
        undelivered = len(
            {delivery.guid for delivery in built.sandbox.github.webhook_sender.deliveries.values() if delivery.status.startswith("failed")}
        )
    delays = {sent: max((each.delay for each in missing if each.sent is sent), default=0.0) for sent in (True, False)}
    measured |= {"missed": n, "recovered": sum(each.recovered_at is not None for each in missing), "database": options.database}
    # A missed event that never recovers is infinitely late, which JSON cannot express.
    shown = {sent: round(delay) if math.isfinite(delay) else None for sent, delay in delays.items()}
    measured |= {"max_delay_s": shown[True], "never_sent_max_delay_s": shown[False]}
    sent = sum(each.sent for each in missing)
    counts = (
        Count("failed_deliveries", undelivered, sent),
        Count("missed", n, 50, small=8, asked=True),
        Count("sent", sent, n // 10 + 1),
        Count("never_sent", n - sent, n // 10 + 1),
    )
    bars = (
        Bar("recovered", measured["recovered"], exactly(n), counts),
        Bar("max_delay_s", shown[True], at_most(600), counts),
        Bar("never_sent_max_delay_s", shown[False], at_most(1200), counts),
        Bar("duplicates", measured["duplicates"], exactly(0), counts),
    )
    return judged(options, measured, bars)


async def _turn(built: InProcessSystem, worker: Worker, clock: Ahead, schedule: Schedule) -> None:
    services = replace(built.services, clock=clock)
    await queue(services, list(schedule.due(clock())))
    await worker.run_all()


def _miss(built: InProcessSystem, number: int, at: float, *, sent: bool) -> Missed:
    """Open a pull request at that moment; its delivery fails, or GitHub never sends one."""
    world, webhook_sender = built.sandbox.world, built.sandbox.github.webhook_sender
    webhook_sender.mode = DeliveryMode.FAIL if sent else DeliveryMode.LOSE
    before, world.now = world.now, lambda: datetime.fromtimestamp(Ahead(at)(), UTC)
    place, pull = tenants.open_pull(world, number)
    world.now = before
    return Missed(place, pull, at, sent)
