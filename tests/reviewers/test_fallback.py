"""Other ways to a model: when they are asked, and when a provider is left alone for a while."""

import pytest

from reviewers.models.fallback import Breaking, Circuit, Circuits, Fallback
from reviewers.models.model import Fault, ModelError, ModelRequest
from reviewers.models.scripted import ScriptedModel
from reviewers.models.vendors import ways
from reviewers.models.wrappers import Retrying
from reviewers.seats.answers import OpinionAnswer

REQUEST = ModelRequest(purpose="opinion", system="s", prefix="p", prompt="q", answer=OpinionAnswer, seconds=60)
DOWN = ModelError(Fault.UNAVAILABLE, "503")


class Time:
    def __init__(self) -> None:
        self.now = 0.0

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.RATE_LIMITED, Fault.TIMEOUT, Fault.MISCONFIGURED])
async def test_the_next_way_is_asked_and_named(fault: Fault) -> None:
    chain = Fallback([ScriptedModel("openai/x", [ModelError(fault, "no")]), ScriptedModel("openrouter/openai/x", ["yes"])], Time().clock)
    response = await chain.complete(REQUEST)
    assert (chain.name, response.text, response.through) == ("openai/x", "yes", "openrouter/openai/x")


async def test_a_first_answer_names_no_other_way() -> None:
    response = await Fallback([ScriptedModel("a/x", ["yes"]), ScriptedModel("b/x", ["no"])], Time().clock).complete(REQUEST)
    assert (response.text, response.through) == ("yes", "")


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.OVER_BUDGET])
async def test_what_another_way_would_not_change_is_final(fault: Fault) -> None:
    second = ScriptedModel("b/x", ["yes"])
    with pytest.raises(ModelError) as caught:
        await Fallback([ScriptedModel("a/x", [ModelError(fault, "no")]), second], Time().clock).complete(REQUEST)
    assert caught.value.fault is fault
    assert second.asked == []


async def test_when_all_ways_fail_the_first_fault_stands_and_all_are_told() -> None:
    models = [ScriptedModel("a/x", [DOWN]), ScriptedModel("b/x", [ModelError(Fault.OVER_BUDGET, "no money")])]
    with pytest.raises(ModelError, match="503; then no money") as caught:
        await Fallback(models, Time().clock).complete(REQUEST)
    assert caught.value.fault is Fault.UNAVAILABLE


async def test_an_open_circuit_is_not_asked_nor_waited_for_and_one_probe_closes_it() -> None:
    time = Time()
    model = ScriptedModel("a/x", [DOWN, DOWN, DOWN, "well again", "still well"])
    breaking = Breaking(model, Circuits(time.clock).of("a"))
    retrying = Retrying(breaking, "seed", time.clock, time.sleep)
    with pytest.raises(ModelError, match="503"):
        await retrying.complete(REQUEST)
    before = time.now
    with pytest.raises(ModelError, match="was not asked"):
        await retrying.complete(REQUEST)
    assert (len(model.asked), time.now) == (3, before)
    time.now += 30
    assert (await breaking.complete(REQUEST)).text == "well again"
    assert (await breaking.complete(REQUEST)).text == "still well"


def test_a_circuit_opens_on_three_failures_within_a_minute_and_admits_one_probe() -> None:
    time = Time()
    circuit = Circuit(time.clock)
    for at in (0.0, 40.0, 80.0):
        time.now = at
        circuit.failed()
    assert circuit.admit()
    time.now = 90.0
    circuit.failed()
    assert not circuit.admit()
    time.now = 120.0
    assert [circuit.admit(), circuit.admit()] == [True, False]
    circuit.failed()
    assert not circuit.admit()
    time.now = 150.0
    assert circuit.admit()
    circuit.succeeded()
    assert [circuit.admit(), circuit.admit()] == [True, True]


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
def test_the_ways_to_a_model_follow_the_configured_providers(model: str, providers: set[str], local: str, chain: list[str]) -> None:
    assert list(ways(model, providers, local)) == chain
