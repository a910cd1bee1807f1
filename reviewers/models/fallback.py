"""Another way to a model when the first one is down: a circuit breaker for each provider key, and a chain of ways."""

import math
from collections import deque
from collections.abc import Callable, Sequence

from reviewers.models.model import Fault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.value import Value

_OUTAGE = frozenset({Fault.TIMEOUT, Fault.RATE_LIMITED, Fault.UNAVAILABLE})
_ELSEWHERE = _OUTAGE | {Fault.MISCONFIGURED}


class Tolerance(Value):
    """A circuit opens after `failures` within `window` seconds, and lets one call through after `rest` seconds."""

    failures: int = 3
    window: float = 60.0
    rest: float = 30.0


class Circuit:
    """Whether a provider key may be called: closed, open, or half open while one call probes it."""

    def __init__(self, clock: Callable[[], float], tolerance: Tolerance = Tolerance()) -> None:  # noqa: B008 - frozen
        self._clock = clock
        self._tolerance = tolerance
        self._failed: deque[float] = deque()
        self._opened: float | None = None
        self._probing = False

    def admit(self) -> bool:
        """Whether a call may be made now; each one admitted must be told of by `succeeded`, `failed` or `left`."""
        if self._opened is None:
            return True
        if self._probing or self._clock() - self._opened < self._tolerance.rest:
            return False
        self._probing = True
        return True

    def succeeded(self) -> None:
        """The provider answered, if only with a refusal."""
        self._failed.clear()
        self._opened = None
        self._probing = False

    def failed(self) -> None:
        """The provider was down, slow or busy."""
        now = self._clock()
        self._failed.append(now)
        while now - self._failed[0] > self._tolerance.window:
            self._failed.popleft()
        if self._probing or (self._opened is None and len(self._failed) >= self._tolerance.failures):
            self._opened = now
        self._probing = False

    def left(self) -> None:
        """The call was given up, which says nothing of the provider."""
        self._probing = False


class Circuits:
    """The circuits of a process, one for each provider key, shared by all its runs."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._circuits: dict[str, Circuit] = {}

    def of(self, key: str) -> Circuit:
        """The circuit of that key."""
        return self._circuits.setdefault(key, Circuit(self._clock))


class Breaking:
    """Does not call a model whose provider's circuit is open."""

    def __init__(self, model: Model, circuit: Circuit) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._circuit = circuit

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The model's answer; UNAVAILABLE at once, and not to be retried, while the circuit is open."""
        if not self._circuit.admit():
            raise ModelError(Fault.UNAVAILABLE, f"{self.name} was not asked: its provider failed repeatedly just now", math.inf)
        try:
            response = await self._model.complete(request)
        except ModelError as error:
            if error.fault in _OUTAGE:
                self._circuit.failed()
            elif error.fault is Fault.OVER_BUDGET:
                self._circuit.left()
            else:
                self._circuit.succeeded()
            raise
        except BaseException:
            self._circuit.left()
            raise
        self._circuit.succeeded()
        return response


class Fallback:
    """Asks the ways to one model in turn until one answers; the answer names the way where it was not the first."""

    def __init__(self, ways: Sequence[Model], clock: Callable[[], float]) -> None:
        self.name = ways[0].name
        self.vendor = ways[0].vendor
        self._ways = ways
        self._clock = clock

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The first answer within the request's seconds; else the first way's error, with what the others said."""
        deadline = self._clock() + request.seconds
        errors: list[ModelError] = []
        for way in self._ways:
            left = deadline - self._clock()
            if errors and left <= 0:
                break
            try:
                response = await way.complete(request.model_copy(update={"seconds": left}))
            except ModelError as error:
                errors.append(error)
                if error.fault not in _ELSEWHERE and len(errors) == 1:
                    raise
                continue
            return response.model_copy(update={"through": way.name}) if errors else response
        if len(errors) == 1:
            raise errors[0]
        raise ModelError(errors[0].fault, "; then ".join(str(error) for error in errors), errors[0].retry_after)
