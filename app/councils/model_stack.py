"""Wraps a model: each route with its circuit breaker, price and retries, and the answers stored under the model's own name."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.councils.observed_model import ObservedModel
from app.telemetry.telemetry import Telemetry
from reviewers.models.circuit_breaker import CircuitBreakerModel, Circuits, FallbackModel
from reviewers.models.hosts import Hosts
from reviewers.models.model import Model
from reviewers.models.price import Price
from reviewers.models.wrappers import AnswerBook, BudgetedModel, Ledger, RecordingModel, RetryingModel, RetryPolicy


@dataclass(frozen=True)
class CallContext:
    """Where answers are stored and calls are paid. `seed` determines the jitter of retries; `circuits` and `hosts` belong to the process.

    `payer` is the owner of the keys, "" for this instance.
    """

    book: AnswerBook
    ledger: Ledger
    seed: str
    circuits: Circuits = field(default_factory=lambda: Circuits(time.monotonic))
    patience: RetryPolicy = field(default_factory=RetryPolicy)
    payer: str = ""
    hosts: Hosts = field(default_factory=Hosts)
    telemetry: Telemetry = field(default_factory=Telemetry)


def wrap_model(ways: Sequence[tuple[Model, Price | None]], call_context: CallContext, reader: int = 1) -> Model:
    """One model that tries its routes in turn, each with its price, for the `reader`th of its seats."""
    guarded = [
        RetryingModel(_guarded(model, price, call_context), call_context.seed, time.monotonic, patience=call_context.patience)
        for model, price in ways
    ]
    return RecordingModel(FallbackModel(guarded, time.monotonic) if guarded[1:] else guarded[0], call_context.book, reader)


def _guarded(model: Model, price: Price | None, call_context: CallContext) -> Model:
    """The circuit belongs to the paying key, and knows the caller, because the retries of one seat show little about a provider."""
    return CircuitBreakerModel(
        BudgetedModel(ObservedModel(model, call_context.telemetry, time.monotonic), call_context.ledger, price),
        call_context.circuits.of(model.name, call_context.payer),
        by=f"{call_context.seed}:{model.name}",
    )
