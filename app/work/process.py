"""Runs the worker process: listens for wake-ups, polls the queue, and shuts down gracefully on a signal."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from app.background import end_task
from app.failpoints import Failpoint, nowhere
from app.queue.leases import LeaseTimes
from app.services.reckoning import reckon
from app.services.seating import warm
from app.services.workshop import Workshop, open_workshop
from app.settings import Settings
from app.store.claims import Caps
from app.telemetry.telemetry import Telemetry
from app.work.kinds import KINDS
from app.work.mirrors import keep_mirrors_swept
from app.work.schedule import Schedule, keep
from app.work.worker import Worker

log = structlog.get_logger(__name__)

_GRACE = {signal.SIGTERM: 20.0, signal.SIGINT: 2.0}


def _tell_nobody(_: Workshop) -> None:
    """For a worker without a port."""


@dataclass(frozen=True)
class Manner:
    """A worker's options. A test or a benchmark shortens the times, or kills the worker between two effects.

    `opened` is called once, when the worker's services are open.
    """

    times: LeaseTimes = field(default_factory=LeaseTimes)
    caps: Caps = field(default_factory=Caps)
    schedule: Schedule | None = field(default_factory=Schedule)
    failpoint: Failpoint = nowhere
    telemetry: Telemetry = field(default_factory=Telemetry)
    opened: Callable[[Workshop], None] = _tell_nobody


async def work(settings: Settings, manner: Manner | None = None) -> None:
    """Work until SIGTERM (running jobs get 20 s to end) or SIGINT (2 s)."""
    manner = manner or Manner()
    async with open_workshop(settings) as opened:
        workshop = replace(opened, times=manner.times, caps=manner.caps, failpoint=manner.failpoint, telemetry=manner.telemetry)
        # Load two seconds' worth of imports and tables before the first review needs them.
        await warm(settings)
        await reckon(workshop)
        worker = Worker(workshop, KINDS)
        manner.opened(workshop)
        grace = [_GRACE[signal.SIGTERM]]

        def on_signal(number: signal.Signals) -> None:
            grace[0] = min(grace[0], _GRACE[number])
            worker.stop()

        loop = asyncio.get_running_loop()
        for number in _GRACE:
            loop.add_signal_handler(number, on_signal, number)
        aside = [asyncio.create_task(_listen(settings, worker)), asyncio.create_task(worker.prepare())]
        aside.append(asyncio.create_task(keep_mirrors_swept(workshop)))
        if manner.schedule is not None:
            schedule = replace(manner.schedule, poll=settings.poll_seconds)
            aside.append(asyncio.create_task(keep(workshop, worker, schedule)))
        log.info("ready for work", seats=len(settings.seats), providers=[provider.name for provider in settings.providers])
        if not settings.providers:
            log.warning("no model key is set, so reviews have no models; set OPENAI_API_KEY, ANTHROPIC_API_KEY or another key")
        await worker.run_until_stopped()
        await asyncio.gather(*(end_task(task) for task in aside), return_exceptions=True)
        await worker.drain(grace[0])


async def _listen(settings: Settings, worker: Worker) -> None:
    if settings.redis_url:
        from app.queue.arq import answer_the_door

        await answer_the_door(settings.redis_url, worker.ring)
