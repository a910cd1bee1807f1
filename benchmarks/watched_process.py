"""A web process or worker that records the pauses of its loop: `python -m benchmarks.watched_process web|worker FILE`.

FILE gets a line of JSON per pause above 50 ms: its milliseconds, and the CPU that this process took in it. The time in which a thread
waited for a processor that other processes had is no pause of this one.
"""

import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path

import uvicorn

from app import log
from app.configuration.settings import Settings, from_environment
from app.memory import return_freed_memory
from app.store.queue.deliveries import Debounce
from app.web import create_app

_TICK_S, _NOTED_S = 0.02, 0.05
_THREADS = Path("/proc/self/task")


def main() -> None:
    role, noted = sys.argv[1], Path(sys.argv[2])
    return_freed_memory()
    settings = from_environment()
    log.set_up(as_json=True, secrets=settings.secrets, quiet=True)
    asyncio.run(_watch(_serve(settings) if role == "web" else _work(settings), noted))


async def _serve(settings: Settings) -> None:
    app = create_app(settings, Debounce(0, 0))
    await uvicorn.Server(uvicorn.Config(app, port=settings.port, log_level="critical", ws="none")).serve()


async def _work(settings: Settings) -> None:
    from app.work.process import run_worker

    await run_worker(settings)


async def _watch(serving: "asyncio.coroutines.Coroutine[None, None, None]", noted: Path) -> None:  # type: ignore[name-defined]
    ticking = asyncio.create_task(_tick(noted))
    try:
        await serving
    finally:
        ticking.cancel()


async def _tick(noted: Path) -> None:
    with noted.open("a", encoding="utf-8") as lines:
        while True:
            waited = _waits()
            before, spent = time.perf_counter(), time.process_time()
            await asyncio.sleep(_TICK_S)
            late = time.perf_counter() - before - _TICK_S
            if late > _NOTED_S:
                cpu = time.process_time() - spent
                # A thread may also have waited for other threads of this process, which had at most that much.
                crowded = max((wait - waited.get(thread, 0.0) for thread, wait in _waits().items()), default=0.0) - cpu
                if (pause := late - max(0.0, crowded)) > _NOTED_S:
                    lines.write(json.dumps({"ms": round(pause * 1000), "cpu_ms": round(cpu * 1000)}) + "\n")
                    lines.flush()


def _waits() -> dict[str, float]:
    """The seconds that each thread has waited for a processor: https://docs.kernel.org/scheduler/sched-stats.html."""
    waits = {}
    for thread in _THREADS.iterdir():
        # A thread may end meanwhile.
        with contextlib.suppress(OSError):
            waits[thread.name] = int((thread / "schedstat").read_text().split()[1]) / 1e9
    return waits


if __name__ == "__main__":
    main()
