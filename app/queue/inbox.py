"""Stores deliveries, many in one commit, and acknowledges none before its commit."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from app.background import end_task
from app.queue.job_notifier import JobNotifier
from app.store.engine.database import Database
from app.store.queue.deliveries import Debounce, DeliveryWithJobs, RecordResult, record_deliveries
from app.telemetry.telemetry import Telemetry
from webhooks.delivery import Delivery
from webhooks.jobs import Job
from webhooks.router import InboxResult

_BATCH = 256
_EVENTS = 60


log = structlog.get_logger(__name__)


def _queued(arrival: DeliveryWithJobs, recorded: RecordResult) -> list[str]:
    """The ids of the delivery's jobs in the worker's log. Jobs that existed before keep theirs."""
    return [job_id for job_id, _ in arrival.jobs if job_id in recorded.due]


@dataclass(frozen=True)
class _Waiting:
    arrival: DeliveryWithJobs
    answer: asyncio.Future[InboxResult]


class BatchingInbox:
    """The inbox. One writer task commits everything that arrived during the previous commit.

    Use it as an async context manager. Workers are woken after the commit, and a failed wake-up changes nothing.
    """

    def __init__(
        self,
        database: Database,
        notifier: JobNotifier,
        clock: Callable[[], float],
        new_id: Callable[[], str],
        debounce: Debounce,
        telemetry: Telemetry,
    ) -> None:
        self._database = database
        self._notifier = notifier
        self._clock = clock
        self._new_id = new_id
        self._debounce = debounce
        self._waiting: list[_Waiting] = []
        self._arrived = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._telemetry = telemetry

    async def __aenter__(self) -> "BatchingInbox":
        self._writer = asyncio.create_task(self._write())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            await end_task(self._writer)

    async def accept(self, delivery: Delivery, jobs: Sequence[Job]) -> InboxResult:
        """Store a delivery and its jobs. Returns after the commit."""
        return await self._submit(
            DeliveryWithJobs(
                guid=delivery.guid,
                event=delivery.event[:_EVENTS],
                action=delivery.action[:_EVENTS],
                installation_id=delivery.installation_id,
                digest=delivery.digest,
                jobs=tuple((self._new_id(), job) for job in jobs),
                trace=self._telemetry.tracer.context,
            )
        )

    async def refuse(self, guid: str, event: str) -> None:
        """Store a correctly signed delivery that could not be parsed."""
        self.count(event, "malformed")
        if guid:
            await self._submit(DeliveryWithJobs(guid, event[:_EVENTS], "", 0, "", (), state="malformed"))

    def count(self, event: str, result: str) -> None:
        """Count by event and result. Strangers cannot add metric series, because the signature is checked first."""
        self._telemetry.count_delivery(event[:_EVENTS], result)

    async def _submit(self, arrival: DeliveryWithJobs) -> InboxResult:
        waiting = _Waiting(arrival, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._arrived.set()
        return await waiting.answer

    async def _write(self) -> None:
        while True:
            await self._arrived.wait()
            batch, self._waiting = self._waiting[:_BATCH], self._waiting[_BATCH:]
            if not self._waiting:
                self._arrived.clear()
            try:
                recorded = await self._commit([waiting.arrival for waiting in batch])
            except Exception as error:  # noqa: BLE001 — the callers get it, as a 5xx that GitHub records as failed
                for waiting in batch:
                    if not waiting.answer.done():
                        waiting.answer.set_exception(error)
                continue
            self._answer(batch, recorded)

    async def _commit(self, arrivals: Sequence[DeliveryWithJobs]) -> RecordResult:
        now = self._clock()
        async with self._database.write() as connection:
            return await record_deliveries(connection, arrivals, now, self._debounce)

    def _answer(self, batch: Sequence[_Waiting], recorded: RecordResult) -> None:
        for waiting in batch:
            arrival, known = waiting.arrival, waiting.arrival.guid in recorded.known
            if not waiting.answer.done():
                waiting.answer.set_result(InboxResult.KNOWN if known else InboxResult.RECORDED)
            if arrival.jobs and not known:
                log.info("delivery", delivery=arrival.guid, webhook=arrival.event, action=arrival.action, jobs=_queued(arrival, recorded))
        for job_id, run_at in recorded.due.items():
            self._notifier.ring(job_id, run_at)
