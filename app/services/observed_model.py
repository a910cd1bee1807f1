"""A model whose calls are measured: change here what of a call an operator sees."""

from collections.abc import Callable

from app.accounts import account_of
from app.telemetry.telemetry import OTHER, Telemetry
from app.telemetry.timings import CALL
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.vendors import account


class ObservedModel:
    """Measures each call; what a seat waits for, such as a free place at the provider, is not in it."""

    def __init__(self, model: Model, telemetry: Telemetry, clock: Callable[[], float]) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._telemetry = telemetry
        self._clock = clock

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The model's answer, or its error."""
        began, fault = self._clock(), "cancelled"
        try:
            response = await self._model.complete(request)
            fault = "none"
        except ModelError as error:
            fault = error.fault.value
            raise
        finally:
            self._telemetry.observe(CALL, self._clock() - began, provider=self._provider, purpose=request.purpose, fault=fault)
        return response

    @property
    def _provider(self) -> str:
        """The provider's name, "other" for one that is not in app/accounts.py: a council.yml may name any."""
        found = account_of(account(self.name))
        return found.name if found else OTHER
