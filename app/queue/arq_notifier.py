"""Wakes workers through Redis with arq. Only job ids are sent, as JSON."""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Any, cast

import structlog
from arq.connections import ArqRedis
from arq.typing import WorkerCoroutine
from arq.worker import Worker, func
from redis.exceptions import RedisError

from app.background import end_task
from app.queue.redis_pool import open_redis_pool

_QUEUE = "council"
_WAITING = 10_000
_JOB_SECONDS = 900
_END_SECONDS = 0.7
_PROBLEMS = (RedisError, OSError, TimeoutError)

log = structlog.get_logger(__name__)


def _dump(value: dict[str, Any]) -> bytes:
    # arq uses pickle by default, which would let anybody who can write to Redis run code here.
    return json.dumps(value, default=str).encode()


def _load(raw: bytes) -> dict[str, Any]:
    loaded = json.loads(raw)
    return loaded if isinstance(loaded, dict) else {}


def _open(url: str) -> ArqRedis:
    redis = ArqRedis(open_redis_pool(url), job_serializer=_dump, job_deserializer=_load, default_queue_name=_QUEUE)
    redis.auto_close_connection_pool = True
    return redis


class ArqNotifier:
    """Sends wake-ups from a bounded queue in the background, so that no answer ever waits for Redis."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rings: asyncio.Queue[tuple[str, float]] = asyncio.Queue(_WAITING)
        self._ringer: asyncio.Task[None] | None = None
        self._pool: ArqRedis | None = None

    async def __aenter__(self) -> "ArqNotifier":
        self._ringer = asyncio.create_task(self._work())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._ringer is not None:
            await end_task(self._ringer, _END_SECONDS)
        await self._hang_up()

    def ring(self, job_id: str, run_at: float) -> None:
        """Announce that a job is due. A full queue drops the wake-up, and the poll finds the job."""
        with contextlib.suppress(asyncio.QueueFull):
            self._rings.put_nowait((job_id, run_at))

    async def _work(self) -> None:
        while True:
            job_id, run_at = await self._rings.get()
            try:
                if self._pool is None:
                    self._pool = _open(self._url)
                at = datetime.fromtimestamp(run_at, UTC)
                await self._pool.enqueue_job("run", job_id, _job_id=f"{job_id}:{run_at}", _queue_name=_QUEUE, _defer_until=at)
            except _PROBLEMS as error:
                log.warning("Redis is unreachable; workers poll", error=f"{type(error).__name__}: {error}"[:200])
                await self._hang_up()

    async def _hang_up(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            with contextlib.suppress(*_PROBLEMS):
                await pool.aclose()


class _RingWorker(Worker):
    """arq's worker, whose background tasks may miss that Redis is gone, so `main` checks that itself.

    It shields them from cancellation. If one then fails, asyncio logs an exception that was never retrieved.
    """

    async def finish_job(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — as arq calls it
        with contextlib.suppress(*_PROBLEMS):
            await super().finish_job(*args, **kwargs)

    async def finish_failed_job(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 — as arq calls it
        with contextlib.suppress(*_PROBLEMS):
            await super().finish_failed_job(*args, **kwargs)


async def listen_for_jobs(url: str, run: Callable[[str], Awaitable[None]], pause: float = 2.0) -> None:
    """Call `run(job_id)` for every wake-up until cancelled. Restart when Redis goes away, because arq's worker then ends."""

    async def on_ring(_: dict[Any, Any], *ids: str, **__: object) -> None:
        await run(ids[0])

    while True:
        try:
            await _answer(_open(url), cast(WorkerCoroutine, on_ring))
        except _PROBLEMS as error:
            log.warning("Redis is unreachable; polling", error=f"{type(error).__name__}: {error}"[:200])
        await asyncio.sleep(pause)


async def _answer(redis: ArqRedis, on_ring: WorkerCoroutine) -> None:
    """Handle wake-ups until Redis goes away, whose error is raised, or until cancelled."""
    worker = _RingWorker(
        functions=[func(on_ring, name="run", keep_result=0, timeout=_JOB_SECONDS, max_tries=1)],
        queue_name=_QUEUE,
        redis_pool=redis,
        job_serializer=_dump,
        job_deserializer=_load,
        handle_signals=False,
        poll_delay=0.1,
        max_jobs=100,
        keep_result=0,
        log_results=False,
    )
    main = asyncio.create_task(worker.main())
    try:
        # An error of Redis must not hide that this task was cancelled.
        await asyncio.wait([main])
        main.result()
    finally:
        await _end(redis, [main, *worker.tasks.values()])


async def _end(redis: ArqRedis, tasks: Sequence[asyncio.Task[Any]]) -> None:
    """End a worker's tasks within two seconds. arq's own close asks Redis first, and waits as long as it is silent."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks, timeout=_END_SECONDS)
    # Pending commands fail now.
    with contextlib.suppress(*_PROBLEMS):
        async with asyncio.timeout(_END_SECONDS):
            await redis.connection_pool.disconnect(inuse_connections=True)
    await asyncio.wait(tasks, timeout=_END_SECONDS)
    for task in tasks:
        if task.done() and not task.cancelled():
            # Retrieve it, or asyncio logs it as never retrieved.
            task.exception()
