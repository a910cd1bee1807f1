"""Runs one round: all seats at once, each with a deadline; every seat gives a value, even if it fails."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar

from reviewers.seats.seat import Member
from reviewers.side_by_side import all_of
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Critique, Opinion, Outcome

Stage = Literal["opinion", "critique", "synthesis"]
_Turn = TypeVar("_Turn", Opinion, Critique)
M = TypeVar("M", bound=Member)


class SeatEvent(FrozenValue):
    """A seat began a stage (`outcome` None) or ended it."""

    seat: str
    stage: Stage
    outcome: Outcome | None = None
    seconds: float = 0.0
    findings: int = 0


class Progress(Protocol):
    """Called when a seat begins and ends; must not wait."""

    def __call__(self, event: SeatEvent) -> None: ...


def no_progress(event: SeatEvent) -> None:
    """Progress without a listener."""


@dataclass(frozen=True)
class Deadline:
    """The time that a seat may take in this round, the clock, and the receiver of the progress.

    A seat that queues for its host applies its own limit to each call; with its waiting it may take `longest`.
    """

    seconds: float
    clock: Callable[[], float]
    progress: Callable[[SeatEvent], None] = no_progress
    longest: float = 0.0


async def ask_opinions(seats: Sequence[M], ask: Callable[[M], Awaitable[Opinion]], deadline: Deadline) -> tuple[Opinion, ...]:
    """Every seat's opinion, in the order of the seats."""

    def failed(seat: Member, outcome: Outcome, reason: str, seconds: float) -> Opinion:
        return Opinion(seat=seat.name, outcome=outcome, reason=reason, seconds=seconds)

    turns = (_turn(seat, "opinion", ask(seat), failed, deadline) for seat in seats)
    return tuple(await all_of(turns))


async def ask_critiques(judging: Sequence[tuple[M, Awaitable[Critique]]], deadline: Deadline) -> tuple[Critique, ...]:
    """Every critic's votes, in the given order."""

    def failed(seat: Member, outcome: Outcome, reason: str, seconds: float) -> Critique:
        return Critique(seat=seat.name, outcome=outcome, reason=reason, seconds=seconds)

    turns = (_turn(seat, "critique", turn, failed, deadline) for seat, turn in judging)
    return tuple(await all_of(turns))


async def _turn(
    seat: Member, stage: Stage, turn: Awaitable[_Turn], failed: Callable[[Member, Outcome, str, float], _Turn], deadline: Deadline
) -> _Turn:
    started = deadline.clock()
    seconds = max(deadline.seconds, deadline.longest) if getattr(seat, "queues", False) else deadline.seconds
    deadline.progress(SeatEvent(seat=seat.name, stage=stage))
    try:
        async with asyncio.timeout(seconds):
            ended = await turn
    except TimeoutError:
        ended = failed(seat, Outcome.TIMEOUT, f"no answer within {seconds:.0f} s", deadline.clock() - started)
    except Exception as error:  # noqa: BLE001 - one seat never ends the run
        # The message may contain anything, including a key; the kind is enough to find it in the log.
        ended = failed(seat, Outcome.UNAVAILABLE, f"it failed unexpectedly ({type(error).__name__})", deadline.clock() - started)
    found = len(ended.findings) if isinstance(ended, Opinion) else len(ended.votes)
    deadline.progress(SeatEvent(seat=seat.name, stage=stage, outcome=ended.outcome, seconds=ended.seconds, findings=found))
    return ended
