"""The worker: claims what is due, runs it under a lease, and decides what an error means."""

import asyncio
import contextlib
import random
from collections.abc import Mapping
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.errors import NotFound, Refused, Superseded, UserError, WorldError
from app.queue.leases import held
from app.services.workshop import Workshop
from app.store.jobs import MOST_CRASHES, MOST_FAILURES, Claim, claim, due, finish, postpone
from app.store.tables import JobState
from app.work.job import Kind
from webhooks.jobs import ReviewPullRequest

log = structlog.get_logger(__name__)

_BACKOFF = (2.0, 10.0, 60.0)


class Worker:
    """Runs jobs until `stop` is called; one worker a process."""

    def __init__(self, workshop: Workshop, kinds: Mapping[str, Kind], slots: int = 10) -> None:
        self._workshop = workshop
        self._kinds = kinds
        self._slots = slots
        self._running: dict[str, asyncio.Task[None]] = {}
        self._wake = asyncio.Event()
        self._stopping = False

    async def ring(self, job_id: str) -> None:
        """Look for work now. Which job rang does not matter: the claim order is what is fair."""
        self._wake.set()

    def stop(self) -> None:
        """Claim nothing more."""
        self._stopping = True
        self._wake.set()

    async def run_until_stopped(self) -> None:
        """Start what is due, now and whenever something rings; returns when stopped, while jobs may still run."""
        while not self._stopping:
            self._wake.clear()
            try:
                await self._start_due()
            except (SQLAlchemyError, OSError) as error:
                log.warning("the database does not answer", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._workshop.times.poll):
                    await self._wake.wait()

    async def run_all(self) -> None:
        """Run what is due now, and what that makes due, to the end."""
        while await self._start_due():
            await asyncio.gather(*self._running.values())

    async def drain(self, grace: float) -> None:
        """Wait `grace` seconds for what runs, then hand back the rest."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=grace)
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _start_due(self) -> int:
        free = self._slots - len(self._running)
        if free <= 0:
            return 0
        shop = self._workshop
        async with shop.database.read() as connection:
            ids = await due(connection, shop.clock(), shop.caps, free)
        started = 0
        for job_id in ids:
            if job_id in self._running or self._stopping:
                continue
            async with shop.database.write() as connection:
                claimed = await claim(connection, job_id, shop.owner, shop.clock(), shop.times.lease)
            if claimed is not None:
                task = asyncio.create_task(self._work(claimed))
                self._running[job_id] = task
                task.add_done_callback(partial(self._ended, job_id))
                started += 1
        return started

    def _ended(self, job_id: str, _: asyncio.Task[None]) -> None:
        self._running.pop(job_id, None)
        self._wake.set()

    async def _work(self, claimed: Claim) -> None:
        with structlog.contextvars.bound_contextvars(job=claimed.job_id, kind=claimed.job.kind, **_names(claimed)):
            if claimed.crashes >= MOST_CRASHES:
                await self._bury(claimed, f"the worker died {claimed.crashes} times in the same step")
                return
            try:
                async with held(self._workshop.database, claimed, self._workshop.times, self._workshop.clock):
                    state = await self._kinds[claimed.job.kind].run(self._workshop, claimed)
                await self._finish(claimed, state, "")
            except asyncio.CancelledError:
                await asyncio.shield(self._hand_back(claimed))
                raise
            except Exception as error:  # noqa: BLE001 — the one place where a job is run
                await self._judge(claimed, error)

    async def _judge(self, claimed: Claim, error: Exception) -> None:
        match error:
            case Superseded() | NotFound():
                log.info("superseded", reason=str(error))
                await self._finish(claimed, JobState.SUPERSEDED, str(error))
            case UserError() | Refused():
                await self._bury(claimed, str(error))
            case WorldError(retry_after=wait):
                log.info("the world failed", error=str(error), attempt=claimed.attempt)
                await self._retry(claimed, str(error), wait)
            case _:
                log.error("a job failed", exc_info=error, attempt=claimed.attempt)
                await self._retry(claimed, f"{type(error).__name__}: {error}", None)

    async def _retry(self, claimed: Claim, reason: str, wait: float | None) -> None:
        if claimed.attempt >= MOST_FAILURES:
            await self._bury(claimed, reason)
            return
        pause = max(_BACKOFF[min(claimed.attempt, len(_BACKOFF)) - 1], wait or 0.0)
        run_at = self._workshop.clock() + pause * random.uniform(1.0, 1.2)
        async with self._workshop.database.write() as connection:
            await postpone(connection, claimed, run_at, reason, failed=True)

    async def _hand_back(self, claimed: Claim) -> None:
        with contextlib.suppress(SQLAlchemyError, OSError):
            async with self._workshop.database.write() as connection:
                await postpone(connection, claimed, self._workshop.clock(), "handed back at shutdown", failed=False)

    async def _bury(self, claimed: Claim, reason: str) -> None:
        log.error("a job is dead", reason=reason)
        try:
            await self._kinds[claimed.job.kind].bury(self._workshop, claimed, reason)
        except Exception as error:
            log.error("could not say that a job is dead", exc_info=error)
        await self._finish(claimed, JobState.DEAD, reason)

    async def _finish(self, claimed: Claim, state: JobState, error: str) -> None:
        async with self._workshop.database.write() as connection:
            await finish(connection, claimed, state, self._workshop.clock(), error)


def _names(claimed: Claim) -> dict[str, object]:
    job = claimed.job
    if isinstance(job, ReviewPullRequest):
        return {"repository": job.repository.full_name, "pull_request": job.number, "head": job.head_sha[:12]}
    return {"installation": job.installation_id}
