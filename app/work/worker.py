"""The worker: claims due jobs, runs each under a lease, and decides what an error means."""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.errors import (
    AppRefused,
    GitHubRejected,
    NotFound,
    Paused,
    Postponed,
    RateLimited,
    Superseded,
    Suspended,
    UserError,
    WorldError,
)
from app.queue.leases import Lease, hold_lease
from app.services.worker import WorkerServices
from app.store.engine.unavailable import is_database_away, reason_of
from app.store.queue.claims import REVIEW, Claimant, FreeSlots, anything_due, claim_due
from app.store.queue.jobs import MOST_FAILURES, LeasedJob, finish, postpone, postpone_end
from app.store.tables.core import JobState
from app.work.app_login_gate import AppLoginGate
from app.work.job_handler import JobHandler
from app.work.job_telemetry import JobWatch
from app.work.reviews import suspended_installation
from webhooks.jobs import ReviewPullRequest

log = structlog.get_logger(__name__)

_BACKOFF = (2.0, 10.0, 60.0)
# Seconds between tries to postpone a job while the database is unreachable. Their sum is less than a lease.
_AWAY = (0.5, 1.0, 2.0, 4.0, 6.0)
# A rate limit of GitHub is not a failure of the job, but a review that is a day late is of no use.
_LONGEST_WAIT = 6 * 3600.0
# Resuming wakes the waiting jobs. This is for a job postponed at the same moment.
_PAUSED = 300.0


@dataclass(frozen=True)
class Slots:
    """How many jobs a process runs at once. Small jobs have their own slots, so that an 👀 never waits for a review."""

    reviews: int = 10
    others: int = 10


class Worker:
    """Runs jobs until `stop` is called. There is one worker per process."""

    def __init__(self, services: WorkerServices, handlers: Mapping[type, JobHandler[Any]], slots: Slots = Slots()) -> None:
        self._services = services
        self._handlers = handlers
        self._slots = slots
        self._running: dict[str, asyncio.Task[None]] = {}
        self._reviews = 0
        self._app_gate = AppLoginGate(services)
        self._wake = asyncio.Event()
        self._stopping = False

    async def prepare(self) -> None:
        """Connect to GitHub before the first job. If it does not accept us as the App, claim no jobs."""
        try:
            await self._services.prepare()
        except AppRefused as error:
            await self._app_gate.shut(error)

    async def ring(self, job_id: str) -> None:
        """Look for jobs now. Which job caused the wake-up does not matter, because the claim order is fair."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wake.set()

    async def run_until_stopped(self) -> None:
        """Start due jobs, now and at each wake-up. Returns when stopped; jobs may still be running."""
        while not self._stopping:
            self._wake.clear()
            try:
                await self._start_due()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database does not answer", error=reason_of(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._services.times.poll):
                    await self._wake.wait()

    async def run_all(self) -> None:
        """Run the due jobs, and the jobs that they make due, to the end."""
        while await self._start_due():
            await asyncio.gather(*self._running.values())

    async def drain(self, grace: float) -> None:
        """Wait `grace` seconds for running jobs, then release the rest."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=grace)
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_due(self) -> int:
        others = len(self._running) - self._reviews
        room = FreeSlots(self._slots.reviews - self._reviews, self._slots.others - others)
        if self._stopping or (room.reviews <= 0 and room.others <= 0):
            return 0
        services = self._services
        if not await self._app_gate.is_open():
            return 0
        async with services.database.read() as connection:
            if not await anything_due(connection, services.clock()):
                return 0
        holder = Claimant(services.owner, services.clock(), services.times.lease, len(self._running))
        async with services.database.write() as connection:
            claimed = await claim_due(connection, holder, services.caps, room)
        for job in claimed:
            services.failpoint("job claimed")
            self._start(job)
        return len(claimed)

    def _start(self, claimed: LeasedJob) -> None:
        task = asyncio.create_task(self._work(claimed))
        # A job whose lease was lost and claimed again here runs twice until the first one notices.
        name = f"{claimed.job_id}:{claimed.fence}"
        self._running[name] = task
        self._reviews += claimed.job.kind == REVIEW
        task.add_done_callback(partial(self._ended, name, claimed.job.kind))

    def _ended(self, name: str, kind: str, task: asyncio.Task[None]) -> None:
        self._running.pop(name, None)
        self._reviews -= kind == REVIEW
        if not task.cancelled() and (error := task.exception()) is not None:
            # The end could not be written. The lease expires, and a worker claims the job again.
            log.error("could not record the end of a job", error=type(error).__name__)
        self._wake.set()

    async def _work(self, claimed: LeasedJob) -> None:
        with structlog.contextvars.bound_contextvars(job=claimed.job_id, kind=claimed.job.kind, **_names(claimed)):
            if claimed.record.is_full:
                given_up = claimed.record.failures >= MOST_FAILURES and claimed.error
                await self._give_up(claimed, given_up or f"the worker crashed {claimed.record.crashes} times in the same step")
                return
            try:
                with JobWatch(self._services, claimed) as watch:
                    async with hold_lease(self._lease(claimed)):
                        state = await self._handlers[type(claimed.job)].run(self._services, claimed)
                    watch.note(state)
                await self._finish(claimed, state, "")
            except asyncio.CancelledError:
                await asyncio.shield(self._hand_back(claimed))
                raise
            except Exception as error:  # noqa: BLE001 — the one place where a job is run
                await self._judge(claimed, error)

    def _lease(self, claimed: LeasedJob) -> Lease:
        services = self._services
        return Lease(services.database, claimed, services.times, services.clock, lambda: len(self._running))

    async def _judge(self, claimed: LeasedJob, error: Exception) -> None:
        match error:
            case AppRefused():
                await self._give_back(claimed, error)
            case Suspended():
                await suspended_installation.end_run(self._services, claimed, str(error))
                await self._finish(claimed, JobState.SUPERSEDED, str(error))
            case GitHubRejected() if error.is_of_installation:
                await self._judge(claimed, await self._services.github.judge_token(claimed.job.installation_id, error))
            case Postponed():
                log.info("postponed", reason=str(error))
            case Superseded() | NotFound():
                log.info("superseded", reason=str(error))
                await self._call_off(claimed, error)
            case Paused():
                log.info("waiting for paid work to resume")
                await self._postpone(claimed, str(error), _PAUSED, failed=False)
            case UserError() | GitHubRejected():
                await self._give_up(claimed, str(error))
            case RateLimited(retry_after=wait) if self._services.clock() - claimed.since < _LONGEST_WAIT:
                log.info("waiting for GitHub's limit", error=str(error))
                await self._postpone(claimed, str(error), wait or _BACKOFF[-1], failed=False)
            case SQLAlchemyError() | OSError() if is_database_away(error) and self._services.clock() - claimed.since < _LONGEST_WAIT:
                log.warning("the database or the machine failed", error=reason_of(error))
                await self._postpone_when_back(claimed, reason_of(error))
            case WorldError(retry_after=wait):
                log.info("an outside service failed", error=str(error), attempt=claimed.attempt)
                await self._retry(claimed, str(error), wait)
            case _:
                log.error("a job failed", exc_info=error, attempt=claimed.attempt)
                await self._retry(claimed, f"{type(error).__name__}: {error}", None)

    async def _give_back(self, claimed: LeasedJob, error: AppRefused) -> None:
        """Leave the job as it is. A process that can act as the App will run it."""
        await self._app_gate.shut(error)
        await self._postpone(claimed, str(error), _BACKOFF[0], failed=False)

    async def _call_off(self, claimed: LeasedJob, error: Exception) -> None:
        """Withdraw what was begun. This runs outside the lease's watch, which would cancel it for the same reason again."""
        try:
            if isinstance(error, Superseded):
                await self._handlers[type(claimed.job)].call_off(self._services, claimed, str(error))
        except AppRefused as refused:
            await self._give_back(claimed, refused)
            return
        except WorldError as failure:
            await self._retry(claimed, str(failure), failure.retry_after)
            return
        except (Superseded, NotFound, Suspended) as instead:
            log.info("nothing to withdraw", reason=str(instead))
        await self._finish(claimed, JobState.SUPERSEDED, str(error))

    async def _retry(self, claimed: LeasedJob, reason: str, wait: float | None) -> None:
        if claimed.attempt >= MOST_FAILURES:
            await self._give_up(claimed, reason)
            return
        pause = max(_BACKOFF[min(claimed.attempt, len(_BACKOFF)) - 1], wait or 0.0)
        await self._postpone(claimed, reason, pause, failed=True)

    async def _postpone(self, claimed: LeasedJob, reason: str, pause: float, *, failed: bool) -> None:
        run_at = self._services.clock() + pause * random.uniform(1.0, 1.2)
        async with self._services.database.write() as connection:
            await postpone(connection, claimed, run_at, reason, failed=failed)

    async def _postpone_when_back(self, claimed: LeasedJob, reason: str) -> None:
        """Postpone a job while the database is coming back. If that takes too long, the lease expires, which counts as a crash."""
        for pause in _AWAY:
            with contextlib.suppress(SQLAlchemyError, OSError):
                await self._postpone(claimed, reason, _BACKOFF[1], failed=False)
                return
            await asyncio.sleep(pause)
        await self._postpone(claimed, reason, _BACKOFF[1], failed=False)

    async def _hand_back(self, claimed: LeasedJob) -> None:
        with contextlib.suppress(SQLAlchemyError, OSError):
            async with self._services.database.write() as connection:
                await postpone(connection, claimed, self._services.clock(), "returned to the queue at shutdown", failed=False)

    async def _give_up(self, claimed: LeasedJob, reason: str) -> None:
        log.error("a job was given up", reason=reason)
        try:
            await self._handlers[type(claimed.job)].give_up(self._services, claimed, reason)
        except AppRefused as refused:
            await self._give_back(claimed, refused)
            return
        except WorldError as error:
            log.warning("could not report that a job was given up", error=str(error))
            if await self._postpone_end(claimed, reason, error.retry_after):
                return
        except Exception as error:
            log.error("could not report that a job was given up", exc_info=error)
        await self._finish(claimed, JobState.DEAD, reason)

    async def _postpone_end(self, claimed: LeasedJob, reason: str, wait: float | None) -> bool:
        services = self._services
        async with services.database.write() as connection:
            return await postpone_end(connection, claimed, services.clock() + max(_BACKOFF[-1], wait or 0.0), reason)

    async def _finish(self, claimed: LeasedJob, state: JobState, error: str) -> None:
        self._services.failpoint("job done")
        async with self._services.database.write() as connection:
            await finish(connection, claimed, state, self._services.clock(), error)


def _names(claimed: LeasedJob) -> dict[str, object]:
    job = claimed.job
    if isinstance(job, ReviewPullRequest):
        return {"repository": job.repository.full_name, "pull_request": job.number, "head": job.head_sha[:12]}
    return {"installation": job.installation_id}
