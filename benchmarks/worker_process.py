"""A worker process for a benchmark, with options that servers do not have: `python -m benchmarks.worker_process '{"lease": 2, …}'`."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass

from app import log
from app.configuration.settings import from_environment
from app.queue.leases import LeaseTimes
from app.store.queue.claims import ConcurrencyLimits
from app.work.process import WorkerOptions, run_worker
from app.work.schedule import Schedule


@dataclass
class Deadly:
    """Ends this process, like kill -9, when a failpoint is passed for the nth time; "" never does."""

    name: str
    passes: int

    def __call__(self, name: str) -> None:
        if name == self.name:
            self.passes -= 1
            if self.passes <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    told = json.loads(sys.argv[1])
    settings = from_environment()
    log.set_up(as_json=True, secrets=settings.secrets, quiet=True)
    manner = WorkerOptions(
        times=LeaseTimes(told.get("lease", 15.0), told.get("heartbeat", 5.0), told.get("poll", 2.0)),
        caps=ConcurrencyLimits(**told["caps"]) if "caps" in told else None,
        # Lost deliveries must stay lost, so GitHub is not asked about them.
        schedule=Schedule(reconcile=told["reconcile"]) if "reconcile" in told else None,
        failpoint=Deadly(told.get("deadly", ""), told.get("passes", 1)),
    )
    asyncio.run(run_worker(settings, manner))


if __name__ == "__main__":
    main()
