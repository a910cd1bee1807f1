"""The worker process: answers the doorbell, polls, and ends gently on a signal."""

import asyncio
import signal

from app.services.seating import warm
from app.services.workshop import open_workshop
from app.settings import Settings
from app.work.kinds import KINDS
from app.work.schedule import Schedule, keep
from app.work.worker import Worker

_GRACE = {signal.SIGTERM: 20.0, signal.SIGINT: 2.0}


async def work(settings: Settings) -> None:
    """Work until SIGTERM (what runs gets 20 s to end) or SIGINT (2 s)."""
    async with open_workshop(settings) as workshop:
        # Two seconds of imports and tables, before the first review needs them.
        await warm(settings)
        worker = Worker(workshop, KINDS)
        grace = [_GRACE[signal.SIGTERM]]

        def on_signal(number: signal.Signals) -> None:
            grace[0] = min(grace[0], _GRACE[number])
            worker.stop()

        loop = asyncio.get_running_loop()
        for number in _GRACE:
            loop.add_signal_handler(number, on_signal, number)
        schedule = Schedule(poll=settings.poll_seconds)
        aside = [asyncio.create_task(each) for each in (_listen(settings, worker), keep(workshop, worker, schedule))]
        await worker.run_until_stopped()
        for task in aside:
            task.cancel()
        await asyncio.gather(*aside, return_exceptions=True)
        await worker.drain(grace[0])


async def _listen(settings: Settings, worker: Worker) -> None:
    if settings.redis_url:
        from app.queue.arq import answer_the_door

        await answer_the_door(settings.redis_url, worker.ring)
