"""Defines a kind of job: how the worker runs it, and what it reports when it gives the job up."""

from dataclasses import dataclass
from typing import Protocol

from app.services.worker import WorkerServices
from app.store.queue.jobs import LeasedJob
from app.store.tables.core import JobState


class RunJob(Protocol):
    async def __call__(self, services: WorkerServices, claim: LeasedJob) -> JobState:
        """Do the work under the claim. Returns how it ended, or raises one of `app.errors`."""
        ...


class OnGiveUp(Protocol):
    async def __call__(self, services: WorkerServices, claim: LeasedJob, reason: str) -> None:
        """Report, once and best effort, that the job was given up."""
        ...


async def give_up_silently(services: WorkerServices, claim: LeasedJob, reason: str) -> None:
    """Report nothing, for jobs whose end nobody waits for."""


@dataclass(frozen=True)
class JobHandler:
    """A kind of job."""

    run: RunJob
    give_up: OnGiveUp = give_up_silently
    call_off: OnGiveUp = give_up_silently
