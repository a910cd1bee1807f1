"""What a job kind is to the worker: how it runs, and what is said when it is given up."""

from dataclasses import dataclass
from typing import Protocol

from app.services.workshop import Workshop
from app.store.jobs import Claim
from app.store.tables import JobState


class Run(Protocol):
    async def __call__(self, workshop: Workshop, claim: Claim) -> JobState:
        """Do the work under the claim; returns how it ended, or raises one of `app.errors`."""
        ...


class Bury(Protocol):
    async def __call__(self, workshop: Workshop, claim: Claim, reason: str) -> None:
        """Say, once and best effort, that the work was given up."""
        ...


async def in_silence(workshop: Workshop, claim: Claim, reason: str) -> None:
    """For jobs whose end nobody waits for."""


@dataclass(frozen=True)
class Kind:
    """A job kind."""

    run: Run
    bury: Bury = in_silence
    call_off: Bury = in_silence
