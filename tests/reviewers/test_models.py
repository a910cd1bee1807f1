"""The wrappers around a model: retries, budget, records, vendors and defaults."""

import pytest

from reviewers.models.digest import digest
from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.models.price import FREE, Price
from reviewers.models.scripted import ScriptedModel
from reviewers.models.vendors import defaults, is_local, vendor_of
from reviewers.models.wrappers import BudgetedModel, RecordingModel, Reservation, RetryingModel, StoredAnswer
from reviewers.seats.answers import CritiqueAnswer, OpinionAnswer
from reviewers.values.verdict import Usage

REQUEST = ModelRequest(
    purpose="opinion", system="s", prefix="p" * 400, prompt="q", answer=OpinionAnswer, max_output_tokens=1000, seconds=60
)
BUSY = ModelError(CallFault.RATE_LIMITED, "slow down")


class Time:
    """A clock that advances only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


async def test_a_busy_model_is_retried_with_growing_jittered_waits() -> None:
    time, model = Time(), ScriptedModel("a/one", [BUSY, ModelError(CallFault.UNAVAILABLE, "503"), "answer"])
    response = await RetryingModel(model, "seed", time.clock, time.sleep).complete(REQUEST)
    assert response.text == "answer"
    assert 0.5 <= time.slept[0] <= 1.5
    assert 1.0 <= time.slept[1] <= 3.0
    assert model.asked[2].seconds == pytest.approx(60 - sum(time.slept))

    again = Time()
    await RetryingModel(ScriptedModel("a/one", [BUSY, BUSY, "answer"]), "seed", again.clock, again.sleep).complete(REQUEST)
    assert again.slept == time.slept


@pytest.mark.parametrize(
    ("error", "seconds", "calls"),
    [
        (ModelError(CallFault.RATE_LIMITED, "x", retry_after=7), 60, 2),
        (ModelError(CallFault.RATE_LIMITED, "x", retry_after=7), 5, 1),
        (ModelError(CallFault.RATE_LIMITED, "x", retry_after=3600), 7200, 1),
        (ModelError(CallFault.TIMEOUT, "x"), 60, 1),
        (ModelError(CallFault.REFUSED, "x"), 60, 1),
        (ModelError(CallFault.MISCONFIGURED, "x"), 60, 1),
        (ModelError(CallFault.OVER_BUDGET, "x"), 60, 1),
    ],
)
async def test_a_retry_happens_only_if_it_can_help_in_time(error: ModelError, seconds: float, calls: int) -> None:
    time, model = Time(), ScriptedModel("a/one", [error, "answer"])
    retrying = RetryingModel(model, "seed", time.clock, time.sleep)
    try:
        await retrying.complete(REQUEST.model_copy(update={"seconds": seconds}))
    except ModelError as raised:
        assert raised is error
    assert len(model.asked) == calls
    assert time.slept in ([], [7])


class Purse:
    """A ledger with a cap, in memory."""

    def __init__(self, cap: float) -> None:
        self.left = cap
        self.booked: list[float | None] = []

    async def reserve(self, purpose: str, model: str, usd: float) -> Reservation:
        if usd > self.left:
            raise ModelError(CallFault.OVER_BUDGET, "the run's budget is used up")
        self.left -= usd
        return Reservation(id=purpose, usd=usd)

    async def settle(self, reservation: Reservation, usage: Usage, fault: CallFault | None = None) -> None:
        self.booked.append(usage.cost_usd)
        self.left += reservation.usd - (reservation.usd if usage.cost_usd is None else usage.cost_usd)


PRICE = Price(input=1e-6, output=1e-5)


async def test_a_call_is_paid_from_its_reservation() -> None:
    call_context = Purse(0.10)
    await BudgetedModel(ScriptedModel("a/one", ["answer"]), call_context, PRICE).complete(REQUEST)
    assert call_context.booked == [0.001]
    assert call_context.left == pytest.approx(0.099)


async def test_no_call_above_the_cap_or_at_an_unknown_price() -> None:
    model = ScriptedModel("a/one", ["answer"])
    for call_context, price in ((Purse(0.005), PRICE), (Purse(100), None)):
        with pytest.raises(ModelError) as caught:
            await BudgetedModel(model, call_context, price).complete(REQUEST)
        assert caught.value.fault is CallFault.OVER_BUDGET
    assert model.asked == []
    assert (await BudgetedModel(model, Purse(0), FREE).complete(REQUEST)).text == "answer"


@pytest.mark.parametrize(("fault", "booked"), [(CallFault.TIMEOUT, None), (CallFault.UNAVAILABLE, 0.0)])
async def test_a_failed_call_is_settled_too(fault: CallFault, booked: float | None) -> None:
    call_context = Purse(1)
    with pytest.raises(ModelError):
        await BudgetedModel(ScriptedModel("a/one", [ModelError(fault, "x")]), call_context, PRICE).complete(REQUEST)
    assert call_context.booked == [booked]


async def test_a_filtered_answer_s_usage_is_booked() -> None:
    call_context, took = Purse(1), Usage(calls=1, input_tokens=10, cost_usd=0.02)
    with pytest.raises(ModelError):
        await BudgetedModel(ScriptedModel("a/one", [ModelError(CallFault.REFUSED, "x", usage=took)]), call_context, PRICE).complete(REQUEST)
    assert call_context.booked == [0.02]


async def test_without_usage_the_reservation_is_booked_and_shown() -> None:
    call_context = Purse(1)
    model = ScriptedModel("a/one", ["answer"], usage=Usage(calls=1, cost_usd=None))
    response = await BudgetedModel(model, call_context, PRICE).complete(REQUEST)
    assert call_context.booked == [None]
    assert response.usage.cost_usd == pytest.approx(PRICE.at_most(REQUEST))
    assert call_context.left == pytest.approx(1 - PRICE.at_most(REQUEST))


class Book:
    def __init__(self) -> None:
        self.answers: dict[tuple[str, str], StoredAnswer] = {}

    async def get(self, seat: str, digest: str) -> StoredAnswer | None:
        return self.answers.get((seat, digest))

    async def put(self, seat: str, digest: str, answer: StoredAnswer) -> None:
        self.answers[seat, digest] = StoredAnswer.model_validate_json(answer.model_dump_json())


@pytest.mark.parametrize("line", ["answer", ModelError(CallFault.REFUSED, "no")])
async def test_a_recorded_answer_or_failure_is_not_bought_again(line: str | ModelError) -> None:
    book, model = Book(), ScriptedModel("a/one", [line])
    said = []
    for _ in range(2):
        try:
            said.append((await RecordingModel(model, book).complete(REQUEST)).text)
        except ModelError as error:
            said.append((error.fault, str(error)))
    assert said[0] == said[1]
    assert len(model.asked) == 1


def test_the_identity_of_a_question_is_its_words_and_form() -> None:
    same = REQUEST.model_copy(update={"seconds": 1.0})
    others = [{"prompt": "r"}, {"answer": CritiqueAnswer}, {"prefix": "p" * 399}, {"purpose": "critique"}]
    assert digest("a", REQUEST) == digest("a", same)
    assert len({digest("a", REQUEST), digest("b", REQUEST), *(digest("a", REQUEST.model_copy(update=other)) for other in others)}) == 6


@pytest.mark.parametrize(
    ("model", "maker"),
    [
        ("openai/gpt-5.5", "openai"),
        ("gpt-5.5", "openai"),
        ("azure/gpt-5.5", "openai"),
        ("openrouter/anthropic/claude-opus-5.5", "anthropic"),
        ("bedrock/anthropic.claude-opus", "anthropic"),
        ("bedrock/us.meta.llama4-scout", "meta"),
        ("vertex_ai/claude-opus-5-5", "anthropic"),
        ("gemini/gemini-3.1-pro-preview", "google"),
        ("ollama_chat/qwen3:8b", "alibaba"),
        ("openrouter/x-ai/some-model", "xai"),
        ("hosted_vllm/house-model", "hosted_vllm"),
    ],
)
def test_vendors_are_read_from_model_strings(model: str, maker: str) -> None:
    assert vendor_of(model) == maker


def test_defaults_follow_the_available_keys() -> None:
    assert defaults([]) == ()
    assert defaults(["nobody"]) == ()
    assert len(defaults(["anthropic"])) == 2
    assert {vendor_of(model) for model in defaults(["anthropic"])} == {"anthropic"}
    assert len({vendor_of(model) for model in defaults(["openrouter"])}) == 3
    assert defaults(["gemini", "openai", "anthropic"]) == ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview")
    mixed = defaults(["openai", "openrouter"])
    assert mixed[0] == "openai/gpt-5.5"
    assert len({vendor_of(model) for model in mixed}) == 3
    assert is_local("ollama_chat/qwen3")
    assert not is_local("openai/gpt-5.5")
