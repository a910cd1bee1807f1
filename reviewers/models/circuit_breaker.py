"""Circuit breakers per provider key, and a chain of fallback routes to a model."""

import asyncio
import math
from collections import deque
from collections.abc import Callable, Sequence

from reviewers.models.model import CallFault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.vendors import circuit_key
from reviewers.values.value import FrozenValue

_OUTAGE = frozenset({CallFault.TIMEOUT, CallFault.RATE_LIMITED, CallFault.UNAVAILABLE})
_ELSEWHERE = _OUTAGE | {CallFault.MISCONFIGURED}
# The share of the remaining time that a route may take while another one is left.
_SHARE = 2 / 3


class CircuitPolicy(FrozenValue):
    """A circuit opens after `failures` of at least `callers` within `window` seconds, and lets one call through after `rest` seconds.

    A caller is a seat of a run: if all tries of a single caller fail, the cause may be a bad model, or bad luck.
    """

    failures: int = 3
    callers: int = 2
    window: float = 60.0
    rest: float = 30.0


class Circuit:
    """Whether a provider key may be called: closed, open, or half open while one call probes it.

    A model whose last call was answered is called even while it is open: one key may serve many models, some of which are down.
    """

    def __init__(self, clock: Callable[[], float], tolerance: CircuitPolicy = CircuitPolicy()) -> None:  # noqa: B008 - frozen
        self._clock = clock
        self._tolerance = tolerance
        self._failed: deque[tuple[float, str]] = deque()
        self._well: set[str] = set()
        self._opened: float | None = None
        self._probe = ""

    def admit(self, model: str) -> bool:
        """Whether a model may be called now. Report the outcome of every admitted call with `succeeded`, `failed` or `left`."""
        if self._opened is None or model in self._well:
            return True
        if self._probe or self._clock() - self._opened < self._tolerance.rest:
            return False
        self._probe = model
        return True

    def succeeded(self, model: str) -> None:
        """The provider answered for that model, even if with a refusal."""
        self._well.add(model)
        if self._opened is None or self._probe == model:
            self._failed.clear()
            self._opened = None
            self._probe = ""

    def failed(self, model: str, by: str) -> None:
        """The provider was down, slow or busy for that model and caller."""
        now = self._clock()
        self._well.discard(model)
        self._failed.append((now, by))
        while now - self._failed[0][0] > self._tolerance.window:
            self._failed.popleft()
        many = len(self._failed) >= self._tolerance.failures and len({each for _, each in self._failed}) >= self._tolerance.callers
        if self._probe == model or (self._opened is None and many):
            self._opened = now
        self.left(model)

    def left(self, model: str) -> None:
        """The call was abandoned, which says nothing about the provider."""
        if self._probe == model:
            self._probe = ""


class Circuits:
    """The circuits of a process, shared by all its runs: one per `key` of a model."""

    def __init__(
        self,
        clock: Callable[[], float],
        tolerance: CircuitPolicy = CircuitPolicy(),  # noqa: B008 - frozen
        key: Callable[[str], str] = circuit_key,
    ) -> None:
        self._clock = clock
        self._tolerance = tolerance
        self._key = key
        self._circuits: dict[str, Circuit] = {}

    def of(self, model: str, payer: str = "") -> Circuit:
        """The circuit of a model; `payer` is the owner of the key, "" for this instance."""
        return self._circuits.setdefault(f"{payer} {self._key(model)}", Circuit(self._clock, self._tolerance))


class CircuitBreakerModel:
    """Does not call a model whose provider's circuit is open; `by` names the caller."""

    def __init__(self, model: Model, circuit: Circuit, by: str) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._by = by
        self._model = model
        self._circuit = circuit

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The model's answer; while the circuit is open, UNAVAILABLE at once and without a retry."""
        if not self._circuit.admit(self.name):
            raise ModelError(CallFault.UNAVAILABLE, f"{self.name} was not asked, because its provider has just failed repeatedly", math.inf)
        try:
            response = await self._model.complete(request)
        except ModelError as error:
            if error.fault in _OUTAGE:
                self._circuit.failed(self.name, self._by)
            elif error.fault is CallFault.OVER_BUDGET:
                self._circuit.left(self.name)
            else:
                self._circuit.succeeded(self.name)
            raise
        except BaseException:
            self._circuit.left(self.name)
            raise
        self._circuit.succeeded(self.name)
        return response


class FallbackModel:
    """Asks the routes to one model in turn until one answers; the answer names the route if it is not the first, and why."""

    def __init__(self, ways: Sequence[Model], clock: Callable[[], float]) -> None:
        self.name = ways[0].name
        self.vendor = ways[0].vendor
        self._ways = ways
        self._clock = clock

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The first answer within the request's seconds; else the first route's error, with the errors of the others."""
        deadline = self._clock() + request.seconds
        errors: list[ModelError] = []
        for index, way in enumerate(self._ways):
            left = deadline - self._clock()
            if errors and left <= 0:
                break
            # A slow route leaves time to ask another one.
            share = left if index == len(self._ways) - 1 else left * _SHARE
            try:
                response = await _within(way, request.model_copy(update={"seconds": share}))
            except ModelError as error:
                errors.append(error)
                if error.fault not in _ELSEWHERE and len(errors) == 1:
                    raise
                continue
            return response.model_copy(update={"through": way.name, "instead": _said(errors)}) if errors else response
        if len(errors) == 1:
            raise errors[0]
        first = errors[0]
        raise ModelError(first.fault, _said(errors), first.retry_after, usage=first.usage, too_long=first.too_long)


async def _within(way: Model, request: ModelRequest) -> ModelResponse:
    """Its answer within its seconds, including the wait for its turn and its budget."""
    try:
        async with asyncio.timeout(request.seconds):
            return await way.complete(request)
    except TimeoutError:
        raise ModelError(CallFault.TIMEOUT, f"{way.name}: no answer within {request.seconds:.0f} s") from None


def _said(errors: Sequence[ModelError]) -> str:
    return "; then ".join(str(error) for error in errors)
