"""Fallback routes to a model: when they are used, and when a provider's circuit is open."""

import asyncio
import time

import pytest

from reviewers.council.deliberation import deliberate
from reviewers.council.session import Council
from reviewers.models.circuit_breaker import Circuit, CircuitBreakerModel, CircuitPolicy, Circuits, FallbackModel
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.models.scripted import ScriptedModel
from reviewers.models.vendors import model_routes
from reviewers.models.wrappers import RetryingModel
from reviewers.seats.answers import OpinionAnswer
from reviewers.seats.model_seat import ModelSeat
from tests.reviewers.samples import BRIEF, RACE, member, opinion, snapshot, votes

REQUEST = ModelRequest(purpose="opinion", system="s", prefix="p", prompt="q", answer=OpinionAnswer, seconds=60)
DOWN = ModelError(CallFault.UNAVAILABLE, "503")


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("fault", [CallFault.UNAVAILABLE, CallFault.RATE_LIMITED, CallFault.TIMEOUT, CallFault.MISCONFIGURED])
async def test_the_next_route_is_asked_and_named(fault: CallFault) -> None:
    chain = FallbackModel(
        [ScriptedModel("openai/x", [ModelError(fault, "no")]), ScriptedModel("openrouter/openai/x", ["yes"])], Time().clock
    )
    response = await chain.complete(REQUEST)
    assert (chain.name, response.text, response.through) == ("openai/x", "yes", "openrouter/openai/x")


async def test_a_first_answer_names_no_other_route() -> None:
    response = await FallbackModel([ScriptedModel("a/x", ["yes"]), ScriptedModel("b/x", ["no"])], Time().clock).complete(REQUEST)
    assert (response.text, response.through) == ("yes", "")


@pytest.mark.parametrize("fault", [CallFault.REFUSED, CallFault.OVER_BUDGET])
async def test_a_fault_that_no_route_can_change_is_final(fault: CallFault) -> None:
    second = ScriptedModel("b/x", ["yes"])
    with pytest.raises(ModelError) as caught:
        await FallbackModel([ScriptedModel("a/x", [ModelError(fault, "no")]), second], Time().clock).complete(REQUEST)
    assert caught.value.fault is fault
    assert second.asked == []


async def test_when_all_routes_fail_the_first_fault_counts() -> None:
    """The message contains all of them."""
    models = [ScriptedModel("a/x", [DOWN]), ScriptedModel("b/x", [ModelError(CallFault.OVER_BUDGET, "no money")])]
    with pytest.raises(ModelError, match="503; then no money") as caught:
        await FallbackModel(models, Time().clock).complete(REQUEST)
    assert caught.value.fault is CallFault.UNAVAILABLE


async def test_an_open_circuit_is_not_asked_and_one_probe_closes_it() -> None:
    clock = Time()
    model = ScriptedModel("a/x", [DOWN, DOWN, DOWN, "well again", "still well"])
    breaking = CircuitBreakerModel(model, Circuits(clock.clock, CircuitPolicy(callers=1)).of("a/x"), "one")
    retrying = RetryingModel(breaking, "seed", clock.clock, clock.sleep)
    with pytest.raises(ModelError, match="503"):
        await retrying.complete(REQUEST)
    before = clock.now
    with pytest.raises(ModelError, match="was not asked"):
        await retrying.complete(REQUEST)
    assert (len(model.asked), clock.now) == (3, before)
    clock.now += 30
    assert (await breaking.complete(REQUEST)).text == "well again"
    assert (await breaking.complete(REQUEST)).text == "still well"


def test_three_failures_within_a_minute_open_a_circuit() -> None:
    """It admits one probe."""
    clock = Time()
    circuit = Circuit(clock.clock)
    for at in (0.0, 40.0, 80.0):
        clock.now = at
        circuit.failed("a/x", f"seat {at}")
    assert circuit.admit("a/x")
    clock.now = 90.0
    circuit.failed("a/x", "another")
    assert not circuit.admit("a/x")
    clock.now = 120.0
    assert [circuit.admit("a/x"), circuit.admit("a/x")] == [True, False]
    circuit.failed("a/x", "another")
    assert not circuit.admit("a/x")
    clock.now = 150.0
    assert circuit.admit("a/x")
    circuit.succeeded("a/x")
    assert [circuit.admit("a/x"), circuit.admit("a/x")] == [True, True]


@pytest.mark.parametrize(
    ("model", "providers", "local", "chain"),
    [
        ("openai/gpt-5.5", {"openai"}, "", ["openai/gpt-5.5"]),
        ("openai/gpt-5.5", {"openai", "openrouter"}, "", ["openai/gpt-5.5", "openrouter/openai/gpt-5.5"]),
        (
            "anthropic/claude-opus-5-5",
            {"openrouter", "ollama"},
            "ollama_chat/q",
            ["anthropic/claude-opus-5-5", "openrouter/anthropic/claude-opus-5.5", "ollama_chat/q"],
        ),
        (
            "openrouter/anthropic/claude-opus-5.5",
            {"anthropic"},
            "ollama_chat/q",
            ["openrouter/anthropic/claude-opus-5.5", "anthropic/claude-opus-5-5"],
        ),
        ("openrouter/deepseek/deepseek-r1:free", {"deepseek"}, "", ["openrouter/deepseek/deepseek-r1:free"]),
        ("ollama_chat/q", {"ollama", "openrouter"}, "ollama_chat/q", ["ollama_chat/q"]),
    ],
)
def test_routes_follow_the_configured_providers(model: str, providers: set[str], local: str, chain: list[str]) -> None:
    assert list(model_routes(model, providers, local)) == chain


def test_one_seat_s_own_tries_open_no_circuit() -> None:
    """Another seat's failure does."""
    circuit = Circuit(Time().clock)
    for _ in range(6):
        circuit.failed("a/x", "a run's first seat")
    assert circuit.admit("a/x")
    circuit.failed("a/y", "its second seat")
    assert not circuit.admit("a/x")


def test_a_healthy_model_is_asked_while_its_circuit_is_open() -> None:
    clock = Time()
    circuits = Circuits(clock.clock)
    circuit = circuits.of("openrouter/a")
    assert circuits.of("openrouter/b") is circuit is not circuits.of("openai/a")
    # A local server runs its models in turn, and the first may not fit into its memory.
    assert circuits.of("ollama_chat/b") is not circuits.of("ollama_chat/a")
    circuit.succeeded("openrouter/a")
    for by in ("one", "two", "one"):
        circuit.failed("openrouter/b", by)
    assert [circuit.admit("openrouter/a"), circuit.admit("openrouter/b"), circuit.admit("openrouter/c")] == [True, False, False]
    circuit.succeeded("openrouter/a")
    assert not circuit.admit("openrouter/b")
    circuit.failed("openrouter/a", "three")
    assert not circuit.admit("openrouter/a")
    clock.now += 30
    assert [circuit.admit("openrouter/c"), circuit.admit("openrouter/b")] == [True, False]
    circuit.succeeded("openrouter/c")
    assert circuit.admit("openrouter/b")


class _Silent:
    """A provider that never answers."""

    vendor = "a"

    def __init__(self, name: str) -> None:
        self.name = name

    async def complete(self, request: ModelRequest) -> ModelResponse:
        await asyncio.sleep(3600)
        raise AssertionError


async def test_a_silent_route_leaves_time_for_the_next_and_is_named() -> None:
    chain = FallbackModel([_Silent("a/x"), ScriptedModel("b/x", ["yes"])], time.monotonic)
    response = await chain.complete(REQUEST.model_copy(update={"seconds": 0.1}))
    assert (response.text, response.through) == ("yes", "b/x")
    assert "a/x: no answer within" in response.instead


async def test_a_replacement_is_named_and_its_vendor_counts() -> None:
    def chain(name: str, local: str) -> FallbackModel:
        bad_key = ScriptedModel(name, [ModelError(CallFault.MISCONFIGURED, f"{name}: AuthenticationError 401")] * 9)
        return FallbackModel([bad_key, member(local, opinion(RACE), votes("confirm"))], time.monotonic)

    models = [chain("openai/x", "ollama_chat/qwen3"), chain("anthropic/y", "ollama_chat/qwen3")]
    seats = tuple(ModelSeat(model, time.monotonic) for model in models)
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=seats))
    assert [(seat.seat, seat.through, seat.vendor) for seat in verdict.seats] == [
        ("openai/x", "ollama_chat/qwen3", "alibaba"),
        ("anthropic/y", "ollama_chat/qwen3", "alibaba"),
    ]
    assert verdict.seats[0].reason.startswith("through ollama_chat/qwen3, because openai/x: AuthenticationError 401")
    assert verdict.minutes is not None and {sitting.vendor for sitting in verdict.minutes.sittings} == {"alibaba"}
