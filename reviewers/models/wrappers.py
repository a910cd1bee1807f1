"""The wrappers between a seat and a model: stored answers, the one retry loop, and the budget, nested in this order."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from reviewers.models.digest import digest
from reviewers.models.model import CallFault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.price import Price
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Usage


class StoredAnswer(FrozenValue):
    """The end of a question to a model: a response, or the fault that ended all attempts."""

    response: ModelResponse | None = None
    fault: CallFault | None = None
    message: str = ""
    too_long: bool = False
    usage: Usage | None = None


class AnswerBook(Protocol):
    """The stored answers of one run."""

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        """The stored answer to that question, or None."""
        ...

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        """Store it; idempotent."""
        ...


class RecordingModel:
    """Asks each question once in a run: a stored answer or permanent failure is replayed, not bought again."""

    def __init__(self, model: Model, book: AnswerBook, reader: int = 1) -> None:
        """`reader` separates the seats of one model that has several: each has its own answers."""
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._book = book
        self._kept_as = model.name if reader == 1 else f"{model.name} ({reader})"

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The stored answer, else the model's."""
        key = digest(self.name, request)
        answer = await self._book.get(self._kept_as, key)
        if answer is None:
            answer = await self._ask(request)
            await self._book.put(self._kept_as, key, answer)
        if answer.response is None:
            raise ModelError(answer.fault or CallFault.UNAVAILABLE, answer.message, usage=answer.usage, too_long=answer.too_long)
        return answer.response

    async def _ask(self, request: ModelRequest) -> StoredAnswer:
        try:
            return StoredAnswer(response=await self._model.complete(request))
        except ModelError as error:
            return StoredAnswer(fault=error.fault, message=str(error), too_long=error.too_long, usage=error.usage)


class RetryPolicy(FrozenValue):
    """How often and how long a call is retried; `longest` bounds the wait that a provider requests."""

    attempts: int = 3
    base: float = 1.0
    longest: float = 30.0


class RetryingModel:
    """The one retry loop: after a rate limit or an outage, and never beyond the deadline of the request."""

    def __init__(
        self,
        model: Model,
        seed: str,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        patience: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
    ) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._seed = seed
        self._clock = clock
        self._sleep = sleep
        self._patience = patience

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The first answer, or the last error if none comes in time."""
        deadline = self._clock() + request.seconds
        dice = random.Random(f"{self._seed}:{self.name}:{request.purpose}")
        for attempt in range(1, self._patience.attempts + 1):
            left = deadline - self._clock()
            try:
                return await self._model.complete(request.model_copy(update={"seconds": left}))
            except ModelError as error:
                wait = self._wait(error, attempt, dice)
                if wait is None or self._clock() + wait >= deadline:
                    raise
                await self._sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _wait(self, error: ModelError, attempt: int, dice: random.Random) -> float | None:
        """Seconds until the next attempt; None for no attempt."""
        if error.fault not in (CallFault.RATE_LIMITED, CallFault.UNAVAILABLE) or attempt == self._patience.attempts:
            return None
        if error.retry_after is not None:
            return error.retry_after if error.retry_after <= self._patience.longest else None
        return min(self._patience.base * 2.0 ** (attempt - 1) * (0.5 + dice.random()), self._patience.longest)


class Reservation(FrozenValue):
    """Money set aside for one call."""

    id: str
    usd: float


class Ledger(Protocol):
    """The budget that a run's calls are paid from."""

    async def reserve(self, purpose: str, model: str, usd: float) -> Reservation:
        """Set the worst case aside, or raise ModelError(OVER_BUDGET); waits while the model's provider has no free slot."""
        ...

    async def settle(self, reservation: Reservation, usage: Usage, fault: CallFault | None = None) -> None:
        """Book the cost of the call and its failure; an unknown cost is booked as the whole reservation."""
        ...


class BudgetedModel:
    """Reserves the worst case before every call; refuses a model of unknown price."""

    def __init__(self, model: Model, ledger: Ledger, price: Price | None) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._ledger = ledger
        self._price = price

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Reserve, ask, settle."""
        if self._price is None:
            raise ModelError(CallFault.OVER_BUDGET, f"the price of {self.name} is unknown, so it cannot be kept under a cap")
        worst = await asyncio.to_thread(self._price.at_most, request)
        reservation = await self._ledger.reserve(request.purpose, self.name, worst)
        try:
            response = await self._model.complete(request)
        except ModelError as error:
            # A call that timed out may still be billed, and a filtered answer is; any other failure is not.
            cost = None if error.fault is CallFault.TIMEOUT else 0.0
            await self._ledger.settle(reservation, error.usage or Usage(calls=1, cost_usd=cost), error.fault)
            raise
        except BaseException:
            await asyncio.shield(self._ledger.settle(reservation, Usage(calls=1, cost_usd=None), CallFault.TIMEOUT))
            raise
        await self._ledger.settle(reservation, response.usage)
        if response.usage.cost_usd is not None:
            return response
        # The provider counted nothing; show the booked amount.
        return response.model_copy(update={"usage": response.usage.model_copy(update={"cost_usd": reservation.usd})})
