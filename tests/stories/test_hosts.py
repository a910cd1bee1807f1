"""Self-hosted servers and unusual vendors, each in its own format: the window is requested and respected, and nothing is lost silently."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from app.configuration.repository_config import RepositoryConfig, of_instance
from app.configuration.settings import Settings, read_settings
from app.councils.context_windows import OLLAMA_TOKENS, list_served_models, window_of
from app.councils.council_factory import _limits, _room
from app.councils.first_steps import first_step
from app.councils.model_routes import ModelRoute, missing_key, model_of
from app.councils.seat_selection import SelectionFacts, select_seats
from app.errors import UserError
from app.sandbox.providers.model import ModelFault
from app.sandbox.providers.own_server import ServerProgram
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from app.services.local import LocalReview, open_local_council
from app.store.tables.core import LedgerRow
from reviewers.context.snapshot import Snapshot
from reviewers.council.deliberation import deliberate
from reviewers.council.rounds import no_progress
from reviewers.council.session import Council
from reviewers.models.library import library
from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.seats.answers import OpinionAnswer
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Ballot
from reviewers.seats.structured_query import SeatLimits
from reviewers.values.finding import Category, Finding, Location, Severity
from reviewers.values.reading import ReadingProblem
from reviewers.values.verdict import Critique, Opinion, Outcome, Proposal, Usage
from tests.reviewers.samples import BRIEF, RACE, changed, snapshot
from webhooks.job_base import RepositoryRef

OWN = ("hosted_vllm/qwen3", "lm_studio/qwen3", "ollama_chat/qwen3")
VENDORS = ("openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview", "openrouter/deepseek/deepseek-v4-pro")
REQUEST = ModelRequest(purpose="opinion", system="s", prefix="File auth/session.py", prompt="q", answer=OpinionAnswer, seconds=20)
CLAIM = Proposal(
    id="p",
    finding=Finding(
        seat="",
        title="T",
        body="b",
        severity=Severity.HIGH,
        category=Category.ERRORS,
        location=Location(path="auth/session.py", line=1),
        quote="q",
    ),
    supporters=(),
)
# Some 9,000 tokens, most of them in new files.
LARGE = snapshot(
    changed("auth/session.py", "", "".join(f"def refresh_{n}(session):\n    return session.token_{n} + {n}\n\n\n" for n in range(150))),
    *(changed(f"src/m{n}.py", None, "".join(f"VALUE_{n}_{k} = compute({k}, {n})\n" for k in range(120))) for n in range(5)),
)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as started:
        yield started


def settings_of(sandbox: Sandbox, **more: str) -> Settings:
    own = {f"{name.upper()}_BASE_URL": sandbox.provider_url(name) for name in ("hosted_vllm", "lm_studio")}
    deepseek = {"DEEPSEEK_API_KEY": "k", "DEEPSEEK_BASE_URL": sandbox.provider_url("deepseek")}
    return read_settings(sandbox.environment() | own | deepseek | more)


def seat_of(settings: Settings, model: str) -> ModelSeat:
    reach = ModelRoute(settings)
    return ModelSeat(model_of(settings, model, reach), time.monotonic, _limits(settings, RepositoryConfig()), room=_room(reach, model))


async def both_rounds(seat: ModelSeat, shown: Snapshot) -> tuple[Opinion, Critique]:
    opinion = await seat.opine(BRIEF, shown)
    return opinion, await seat.critique(Ballot(brief=BRIEF, snapshot=shown, proposals=(CLAIM,)))


@pytest.mark.parametrize(
    ("vendor", "kind", "source"),
    [
        ("hosted_vllm", ServerProgram.VLLM, "max_model_len"),
        ("hosted_vllm", ServerProgram.LLAMA_CPP, "/props"),
        ("lm_studio", ServerProgram.LM_STUDIO, "loaded_context_length"),
        ("openai", ServerProgram.VLLM, "max_model_len"),
    ],
)
async def test_a_window_is_read_from_the_server(sandbox: Sandbox, vendor: str, kind: ServerProgram, source: str) -> None:
    sandbox.providers.kinds[vendor] = kind
    sandbox.providers.model(f"{vendor}/qwen3").window = 8_192
    window = await window_of(settings_of(sandbox), f"{vendor}/qwen3")
    assert window is not None
    assert (window.tokens, window.source) == (8_192, source)


async def test_a_window_of_llama_cpp_may_be_in_its_model_list(sandbox: Sandbox) -> None:
    sandbox.providers.kinds["hosted_vllm"] = ServerProgram.LLAMA_CPP
    model = sandbox.providers.model("hosted_vllm/qwen3")
    model.window, model.lists_window = 8_192, True
    window = await window_of(settings_of(sandbox), "hosted_vllm/qwen3")
    assert window is not None
    assert (window.tokens, window.source) == (8_192, "meta.n_ctx")


@pytest.mark.parametrize(
    ("told", "trained", "tokens"),
    [
        ("", 131_072, OLLAMA_TOKENS),
        ("", 8_192, 8_192),
        ("32768", 131_072, 32_768),
        ("ollama_chat/qwen3=4096", 131_072, 4_096),
        ("32768", 8_192, 8_192),
    ],
)
async def test_ollama_gets_one_window_in_every_call(sandbox: Sandbox, told: str, trained: int, tokens: int) -> None:
    model = sandbox.providers.script("ollama_chat/qwen3", ScriptedMember([RACE]))
    model.trained = trained
    await both_rounds(seat_of(settings_of(sandbox, COUNCIL_CONTEXT_TOKENS=told), "ollama_chat/qwen3"), snapshot())
    assert {call.window for call in sandbox.providers.calls} == {tokens}
    assert len(sandbox.providers.calls) == 2


async def test_ollama_gets_no_prompt_that_it_would_truncate(sandbox: Sandbox) -> None:
    """A fallback's window is not the seat's: the prompt is packed for another model."""
    long = REQUEST.model_copy(update={"prefix": "total = price * count\n" * 2_000})
    with pytest.raises(ModelError) as caught:
        await model_of(settings_of(sandbox, COUNCIL_CONTEXT_TOKENS="4096"), "ollama_chat/qwen3").complete(long)
    assert caught.value.too_long
    assert sandbox.providers.calls == []


def test_a_small_window_reads_a_change_in_parts(sandbox: Sandbox) -> None:
    names = ("hosted_vllm/small", "hosted_vllm/large", "hosted_vllm/tiny")
    windows = dict(zip(names, (8_192, 131_072, 1_024), strict=True))
    chosen = select_seats(settings_of(sandbox), RepositoryConfig(seats=names), BRIEF, LARGE, SelectionFacts(windows=windows), None)
    assert chosen.models == names[:2]
    assert any(reason.startswith("hosted_vllm/tiny is left out: its context of 1,024 tokens") for reason in chosen.reasons)


async def test_an_unreported_window_comes_from_the_map_or_settings(sandbox: Sandbox) -> None:
    settings = settings_of(sandbox, COUNCIL_CONTEXT_TOKENS="9000,anthropic/claude-opus-5-5=50000")
    found = [await window_of(settings, name) for name in ("openrouter/no/such", "openai/gpt-5.5", "anthropic/claude-opus-5-5")]
    assert [window and (window.tokens if window.source == "COUNCIL_CONTEXT_TOKENS" else window.source) for window in found] == [
        9_000,
        "litellm's map",
        50_000,
    ]


@pytest.mark.parametrize("model", OWN)
async def test_packed_prompts_fit_the_window(sandbox: Sandbox, model: str) -> None:
    behaviour = sandbox.providers.script(model, ScriptedMember([RACE]))
    behaviour.window, behaviour.overflows = 4_096, True
    opinion, _ = await both_rounds(seat_of(settings_of(sandbox, COUNCIL_CONTEXT_TOKENS="4096"), model), LARGE)
    assert opinion.outcome is Outcome.ANSWERED
    assert all(call.status == 200 for call in sandbox.providers.calls)
    assert all(call.input_tokens + (call.max_tokens or 0) <= 4_096 for call in sandbox.providers.calls)
    assert opinion.unseen


async def test_a_too_long_prompt_is_packed_smaller_once(sandbox: Sandbox) -> None:
    behaviour = sandbox.providers.script("openrouter/no/such", ScriptedMember([RACE]))
    behaviour.window, behaviour.overflows = 14_000, True
    seat = seat_of(settings_of(sandbox), "openrouter/no/such")
    opinion, _ = await both_rounds(seat, LARGE)
    assert opinion.outcome is Outcome.ANSWERED
    assert {call.status for call in sandbox.providers.calls} == {400, 200}

    behaviour.window = 100
    sandbox.providers.calls.clear()
    opinion = await seat_of(settings_of(sandbox), "openrouter/no/such").opine(BRIEF, snapshot())
    assert opinion.outcome is Outcome.MISCONFIGURED
    assert len(sandbox.providers.calls) == 2


@pytest.mark.parametrize("model", [*OWN, *VENDORS])
async def test_a_repeated_prefix_is_not_a_truncated_prompt(sandbox: Sandbox, model: str) -> None:
    sandbox.providers.script(model, ScriptedMember([RACE]))
    opinion, critique = await both_rounds(seat_of(settings_of(sandbox), model), LARGE)
    assert (opinion.outcome, critique.outcome) == (Outcome.ANSWERED, Outcome.ANSWERED)
    assert critique.votes
    # Both rounds begin alike, and the host caches that. Not all hosts report it.
    assert sandbox.providers.calls[-1].cached_tokens > 1_000
    assert not opinion.reading.has(ReadingProblem.PROMPT_CUT)
    assert not critique.reading.has(ReadingProblem.PROMPT_CUT)


@pytest.mark.parametrize("model", VENDORS)
async def test_a_host_that_truncates_the_prompt_is_reported(sandbox: Sandbox, model: str) -> None:
    sandbox.providers.script(model, ScriptedMember([RACE])).window = 2_000
    opinion = await seat_of(settings_of(sandbox), model).opine(BRIEF, LARGE)
    assert opinion.reading.has(ReadingProblem.PROMPT_CUT)
    assert not opinion.reading.complete


@pytest.mark.parametrize("model", OWN)
async def test_a_self_hosted_server_with_a_wrong_window_is_reported(sandbox: Sandbox, model: str) -> None:
    sandbox.providers.kinds = {}
    sandbox.providers.script(model, ScriptedMember([RACE])).window = 2_000
    opinion = await seat_of(settings_of(sandbox), model).opine(BRIEF, LARGE)
    assert opinion.reading.has(ReadingProblem.PROMPT_CUT)


@pytest.mark.parametrize("model", [*OWN, "openai/gpt-5.5", "openrouter/deepseek/deepseek-v4-pro"])
async def test_a_refused_schema_costs_no_seat(sandbox: Sandbox, model: str) -> None:
    behaviour = sandbox.providers.script(model, ScriptedMember([RACE], answers={"": '{"findings": []}'}))
    behaviour.refuses = frozenset({"json_schema"})
    settings = settings_of(sandbox)
    reach = ModelRoute(settings)
    for _ in range(2):
        assert (await model_of(settings, model, reach).complete(REQUEST)).text == '{"findings": []}'
    assert [(call.status, call.form) for call in sandbox.providers.calls] == [
        (400, "json_schema"),
        (200, "json_object"),
        (200, "json_object"),
    ]


async def test_deepseek_gets_json_object_mode_at_once(sandbox: Sandbox) -> None:
    sandbox.providers.script("deepseek/deepseek-chat", ScriptedMember(answers={"": '{"findings": []}'}))
    await model_of(settings_of(sandbox), "deepseek/deepseek-chat").complete(REQUEST)
    assert [call.form for call in sandbox.providers.calls] == ["json_object"]


@pytest.mark.parametrize("model", [*OWN, *VENDORS])
async def test_thinking_that_used_all_tokens_is_retried_with_more(sandbox: Sandbox, model: str) -> None:
    sandbox.providers.script(model, ScriptedMember([RACE])).faults.append(ModelFault.THINKING)
    opinion = await seat_of(settings_of(sandbox), model).opine(BRIEF, snapshot())
    first, second = sandbox.providers.calls
    assert (opinion.outcome, len(opinion.findings)) == (Outcome.ANSWERED, 1)
    assert (second.max_tokens or 0) > (first.max_tokens or 0)


@pytest.mark.parametrize("fault", [ModelFault.NO_CREDIT, ModelFault.QUOTA])
@pytest.mark.parametrize("model", [*OWN, *VENDORS])
async def test_an_empty_account_is_reported_and_not_retried(sandbox: Sandbox, model: str, fault: ModelFault) -> None:
    sandbox.providers.model(model).always = fault
    with pytest.raises(ModelError) as caught:
        await model_of(settings_of(sandbox), model).complete(REQUEST)
    assert caught.value.fault is CallFault.MISCONFIGURED
    assert "no credit left" in str(caught.value)


@pytest.mark.parametrize("model", ["hosted_vllm/qwen3", *VENDORS])
async def test_a_retry_date_is_understood(sandbox: Sandbox, model: str) -> None:
    behaviour = sandbox.providers.model(model)
    behaviour.always, behaviour.retry_after, behaviour.dates = ModelFault.RATE_LIMITED, 60.0, True
    with pytest.raises(ModelError) as caught:
        await model_of(settings_of(sandbox), model).complete(REQUEST)
    assert caught.value.retry_after == pytest.approx(60.0, abs=3.0)


@pytest.mark.parametrize("model", VENDORS)
async def test_a_vendor_that_counts_nothing_has_an_unknown_cost(sandbox: Sandbox, model: str) -> None:
    """litellm parses an answer of Anthropic or Gemini only with its counts, but the model did answer."""
    sandbox.providers.script(model, ScriptedMember([RACE])).counts = False
    usage: Usage | None = None
    try:
        usage = (await model_of(settings_of(sandbox), model).complete(REQUEST)).usage
    except ModelError as error:
        usage = error.usage
        assert "an answer that could not be read" in str(error)
        assert "Traceback" not in str(error)
    assert usage is not None
    assert usage.cost_usd is None


async def test_a_base_url_without_its_path_is_reported(sandbox: Sandbox) -> None:
    settings = settings_of(sandbox, HOSTED_VLLM_BASE_URL=sandbox.web_url)
    with pytest.raises(ModelError, match="ends with /v1"):
        await model_of(settings, "hosted_vllm/qwen3").complete(REQUEST)


async def test_a_sigterm_books_what_was_in_flight(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.providers.default.always = ModelFault.HANG
    settings = settings_of(sandbox, COUNCIL_DATA=str(tmp_path), COUNCIL_SEATS="openai/gpt-5.5")

    async def review() -> None:
        async with open_local_council(settings) as council:
            await council.kept_review(
                LocalReview(snapshot(), of_instance(settings.caps)), no_progress, RepositoryRef(id=1, full_name="acme/shop")
            )

    running = asyncio.create_task(review())
    async with asyncio.timeout(60):
        while not sandbox.providers.waiting and not running.done():
            await asyncio.sleep(0.01)
    assert not running.done(), running.result()
    os.kill(os.getpid(), signal.SIGTERM)
    with pytest.raises(UserError, match="stopped early"):
        await running
    async with open_local_council(settings) as council, council.database.read() as connection:
        rows = (await connection.execute(select(LedgerRow.__table__))).all()  # type: ignore[attr-defined]
    assert [(row.spent_usd, row.settled_at is not None) for row in rows] == [(rows[0].reserved_usd, True)]


async def test_with_only_a_self_hosted_server_its_models_are_named(sandbox: Sandbox) -> None:
    sandbox.providers.model("ollama_chat/qwen3")
    settings = read_settings({"OLLAMA_BASE_URL": sandbox.provider_url("ollama")})
    said = await first_step(settings)
    assert "serves ollama_chat/qwen3: set COUNCIL_SEATS=ollama_chat/qwen3" in said
    assert "OPENAI_API_KEY" not in said
    nothing = await first_step(read_settings({"HOSTED_VLLM_BASE_URL": "http://127.0.0.1:9/v1"}))
    assert "does not list its models" in nothing
    assert "OPENAI_API_KEY" in await first_step(read_settings({}))


@pytest.mark.parametrize(
    ("model", "said"), [("qwen2.5", "ollama_chat/qwen2.5"), ("llamafile/x", "HOSTED_VLLM_BASE_URL"), ("xai/grok-4", "XAI_API_KEY")]
)
def test_an_unusable_model_gets_the_right_advice(model: str, said: str) -> None:
    assert said in missing_key(model)


async def test_waiting_for_a_servers_slot_is_not_the_seats_time(sandbox: Sandbox) -> None:
    """Three seats of 1 s each at a server that works on one prompt at a time, with 2.5 s per seat."""
    await asyncio.to_thread(library)
    for name in ("a", "b", "c"):
        sandbox.providers.script(f"ollama_chat/{name}", ScriptedMember([RACE]), delay_ms=1_000)
    settings = settings_of(sandbox, SEAT_SECONDS="2")
    reach = ModelRoute(settings)
    limits = SeatLimits(seconds=2.4)
    seats = tuple(
        ModelSeat(model_of(settings, f"ollama_chat/{name}", reach), time.monotonic, limits, room=_room(reach, f"ollama_chat/{name}"))
        for name in ("a", "b", "c")
    )
    verdict = await deliberate(BRIEF, snapshot(), Council(seats=seats, seat_seconds=2.5, run_seconds=60.0))
    assert [report.opinion for report in verdict.seats] == [Outcome.ANSWERED] * 3
    calls = sorted(sandbox.providers.calls, key=lambda call: call.started)
    assert all(first.ended <= second.started for first, second in pairwise(calls))


async def test_a_server_lists_its_models(sandbox: Sandbox) -> None:
    settings = settings_of(sandbox)
    for name in OWN:
        sandbox.providers.model(name)
    for at, name in zip(("hosted_vllm", "lm_studio", "ollama"), OWN, strict=True):
        found = settings.provider(at)
        assert found is not None
        assert await list_served_models(found) == (name,)
