"""Queues periodic jobs. Each turn is a job whose key names it, so that only one of many workers runs it."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from app.services.worker import WorkerServices
from app.store.queue.deliveries import insert_jobs
from app.work.worker import Worker
from webhooks.jobs import CollectFeedback, Job, Prune, Reconcile, TallySpending

_LOOK_SECONDS = 5.0


@dataclass(frozen=True)
class Schedule:
    """Seconds between turns. `poll` is 0 if GitHub can deliver to this server."""

    reconcile: float = 600.0
    prune: float = 24 * 3600.0
    feedback: float = 3600.0
    tally: float = 600.0
    poll: float = 0.0

    def due(self, now: float, *, starting: bool = False) -> tuple[Job, ...]:
        """The turns at `now`. A process's first call gets a separate turn."""
        jobs: list[Job] = [Reconcile(slot=f"{now // self.reconcile:.0f}"), Prune(slot=f"{now // self.prune:.0f}")]
        jobs += [CollectFeedback(slot=f"{now // self.feedback:.0f}"), TallySpending(slot=f"{now // self.tally:.0f}")]
        if starting:
            # Workers that start together share it.
            jobs.append(Reconcile(slot=f"start-{now // 30:.0f}"))
        if self.poll:
            jobs.append(Reconcile(slot=f"poll-{now // self.poll:.0f}", sweep=False))
        return tuple(jobs)


async def keep_schedule(services: WorkerServices, worker: Worker, schedule: Schedule) -> None:
    """Queue the turns when they are due, until cancelled."""
    starting, done = True, frozenset[str]()
    while True:
        jobs = schedule.due(services.clock(), starting=starting)
        if new := [job for job in jobs if job.key not in done]:
            try:
                await queue(services, new)
                starting, done = False, frozenset(job.key for job in jobs)
                await worker.ring("")
            except (SQLAlchemyError, OSError):
                # The database is unreachable. The turn is queued when it is back.
                pass
        await asyncio.sleep(_LOOK_SECONDS)


async def queue(services: WorkerServices, jobs: list[Job]) -> None:
    """Queue jobs. Jobs that another worker already queued stay unchanged."""
    now = services.clock()
    async with services.database.write() as connection:
        await insert_jobs(connection, [(services.new_id(), job, now) for job in jobs], now)
