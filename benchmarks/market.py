"""A provider that bills, and occasionally does not answer; its bills are the truth for checking a ledger."""

import asyncio
import random
from contextvars import ContextVar
from dataclasses import dataclass, field

from app.queue.ledger import SqlLedger
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.models.price import Price
from reviewers.models.vendors import vendor_of
from reviewers.models.wrappers import Reservation
from reviewers.values.verdict import Usage

_paying: ContextVar[str] = ContextVar("paying")


@dataclass
class Bills:
    """The bills by the reservation's id, and the expected ledger entries: None is the whole reservation.

    `cut` are calls that ended while their answer was being booked, or whose process died: the whole reservation is right for them too.
    """

    billed: dict[str, float] = field(default_factory=dict)
    booked: dict[str, float | None] = field(default_factory=dict)
    reserved: dict[str, float] = field(default_factory=dict)
    cut: set[str] = field(default_factory=set)
    endings: dict[str, int] = field(default_factory=dict)

    def due(self, call: str, whole: float) -> float:
        """The expected ledger entry of a call; the whole reservation if there was no answer."""
        booked = self.booked.get(call)
        return whole if booked is None else booked

    def book(self, usd: float, booked: float | None, ending: str) -> None:
        call = _paying.get()
        self.billed[call], self.booked[call] = usd, booked
        self.endings[ending] = self.endings.get(ending, 0) + 1


class Till:
    """A run's ledger that also records each reservation; after its process is dead, nothing is settled."""

    def __init__(self, ledger: SqlLedger, bills: Bills) -> None:
        self._ledger = ledger
        self._bills = bills
        self.dead = False

    async def reserve(self, purpose: str, model: str, usd: float) -> Reservation:
        """Reserve like the ledger."""
        made = await self._ledger.reserve(purpose, model, usd)
        _paying.set(made.id)
        self._bills.reserved[made.id] = usd
        return made

    async def settle(self, reservation: Reservation, usage: Usage, fault: CallFault | None = None) -> None:
        """Settle like the ledger, while the process lives."""
        if self.dead:
            self._bills.cut.add(reservation.id)
            return
        try:
            await self._ledger.settle(reservation, usage, fault)
        except asyncio.CancelledError:
            self._bills.cut.add(reservation.id)
            raise


class Vendor:
    """One model: it answers, times out with and without a bill, is busy, or refuses; a cancelled call may be billed."""

    def __init__(self, name: str, price: Price, bills: Bills, dice: random.Random) -> None:
        self.name = name
        self.vendor = vendor_of(name)
        self._price = price
        self._bills = bills
        self._dice = dice

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """End in any way."""
        # Computed separately, below the worst case: the tokens of the answer, and a few of the question.
        most = request.max_output_tokens * self._price.output + 100 * self._price.input
        usd = self._dice.random() * most
        ending = self._dice.choices(("answer", "timeout", "busy", "refused", "unpriced", "hang"), (70, 8, 10, 4, 4, 4))[0]
        billed = 0.0 if ending in ("busy", "refused") else usd
        self._bills.book(billed, {"answer": usd, "busy": 0.0, "refused": 0.0}.get(ending), ending)
        try:
            await asyncio.sleep(3600 if ending == "hang" else self._dice.random() * 0.01)
        except asyncio.CancelledError:
            # Nobody received the answer, and nobody knows the bill.
            self._bills.booked[_paying.get()] = None
            raise
        if ending in ("timeout", "busy", "refused"):
            raise ModelError({"timeout": CallFault.TIMEOUT, "busy": CallFault.UNAVAILABLE, "refused": CallFault.REFUSED}[ending], ending)
        cost = usd if ending == "answer" else None
        return ModelResponse(text="{}", finish="stop", usage=Usage(calls=1, output_tokens=10, cost_usd=cost), model=self.name)
