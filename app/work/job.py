"""Defines a kind of job: how the worker runs it, and what it reports when it gives the job up."""

from dataclasses import dataclass
from typing import Protocol

from app.services.workshop import Workshop
from app.store.jobs import Claim
from app.store.tables import JobState


class Run(Protocol):
    async def __call__(self, workshop: Workshop, claim: Claim) -> JobState:
        """Do the work under the claim. Returns how it ended, or raises one of `app.errors`."""
        ...


class Bury(Protocol):
    async def __call__(self, workshop: Workshop, claim: Claim, reason: str) -> None:
        """Report, once and best effort, that the job was given up."""
        ...


async def in_silence(workshop: Workshop, claim: Claim, reason: str) -> None:
    """Report nothing, for jobs whose end nobody waits for."""


@dataclass(frozen=True)
class Kind:
    """A kind of job."""

    run: Run
    bury: Bury = in_silence
    call_off: Bury = in_silence
