"""Runs the worker process: listens for wake-ups, polls the queue, and shuts down gracefully on a signal."""

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from app.background import end_task
from app.configuration.settings import Settings
from app.councils.council_factory import preload_libraries
from app.failpoints import Failpoint, no_failpoint
from app.operations.mirror_sweep import keep_mirrors_swept
from app.queue.leases import LeaseTimes
from app.services.worker import WorkerServices, open_worker_services
from app.store.queue.claims import ConcurrencyLimits
from app.telemetry.telemetry import Telemetry
from app.work.job_handlers import JOB_HANDLERS
from app.work.maintenance.typical_costs import store_typical_costs
from app.work.schedule import Schedule, keep_schedule
from app.work.worker import Worker

log = structlog.get_logger(__name__)

_GRACE = {signal.SIGTERM: 20.0, signal.SIGINT: 2.0}


def _tell_nobody(_: WorkerServices) -> None:
    """For a worker without a port."""


@dataclass(frozen=True)
class WorkerOptions:
    """A worker's options. A test or a benchmark shortens the times, or kills the worker between two effects.

    Without `caps`, those of the settings apply. `opened` is called once, when the worker's services are open.
    """

    times: LeaseTimes = field(default_factory=LeaseTimes)
    caps: ConcurrencyLimits | None = None
    schedule: Schedule | None = field(default_factory=Schedule)
    failpoint: Failpoint = no_failpoint
    telemetry: Telemetry = field(default_factory=Telemetry)
    opened: Callable[[WorkerServices], None] = _tell_nobody


async def run_worker(settings: Settings, manner: WorkerOptions | None = None) -> None:
    """Work until SIGTERM (running jobs get 20 s to end) or SIGINT (2 s)."""
    manner = manner or WorkerOptions()
    async with open_worker_services(settings) as worker_services:
        services = replace(worker_services, times=manner.times, caps=manner.caps or worker_services.caps)
        services = replace(services, failpoint=manner.failpoint, telemetry=manner.telemetry)
        # Load two seconds' worth of imports and tables before the first review needs them.
        await preload_libraries(settings)
        await store_typical_costs(services)
        worker = Worker(services, JOB_HANDLERS)
        manner.opened(services)
        grace = [_GRACE[signal.SIGTERM]]

        def on_signal(number: signal.Signals) -> None:
            grace[0] = min(grace[0], _GRACE[number])
            worker.stop()

        loop = asyncio.get_running_loop()
        for number in _GRACE:
            loop.add_signal_handler(number, on_signal, number)
        aside = [asyncio.create_task(_listen(settings, worker)), asyncio.create_task(worker.prepare())]
        aside.append(asyncio.create_task(keep_mirrors_swept(services)))
        if manner.schedule is not None:
            schedule = replace(manner.schedule, poll=settings.poll_seconds)
            aside.append(asyncio.create_task(keep_schedule(services, worker, schedule)))
        log.info("ready for work", seats=len(settings.seats), providers=[provider.name for provider in settings.providers])
        if not settings.providers:
            log.warning("no model key is set, so reviews have no models; set OPENAI_API_KEY, ANTHROPIC_API_KEY or another key")
        await worker.run_until_stopped()
        await asyncio.gather(*(end_task(task) for task in aside), return_exceptions=True)
        await worker.drain(grace[0])


async def _listen(settings: Settings, worker: Worker) -> None:
    if settings.redis_url:
        from app.queue.arq_notifier import listen_for_jobs

        await listen_for_jobs(settings.redis_url, worker.ring)
