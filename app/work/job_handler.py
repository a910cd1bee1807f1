"""What a job type is to the worker: how it runs, and what is done when it is given up or called off."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState
from webhooks.jobs import Job

J = TypeVar("J", bound=Job)


async def give_up_silently(services: WorkerServices, claim: LeasedJob[J], reason: str) -> None:
    """For jobs whose end nobody waits for."""


@dataclass(frozen=True)
class JobHandler(Generic[J]):
    """What is done with jobs of one type.

    `run` does the work and returns how it ended, or raises one of `app.errors`. `give_up` says once, as well as it can, that the job
    is not tried again. `call_off` takes back what was begun by a job that nothing asks for any more.
    """

    job_type: type[J]
    run: Callable[[WorkerServices, LeasedJob[J]], Awaitable[JobState]]
    give_up: Callable[[WorkerServices, LeasedJob[J], str], Awaitable[None]] = give_up_silently
    call_off: Callable[[WorkerServices, LeasedJob[J], str], Awaitable[None]] = give_up_silently
