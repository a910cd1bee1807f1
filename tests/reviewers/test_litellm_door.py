"""The litellm door against a server on loopback that speaks OpenAI's format."""

import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from reviewers.models.library import library
from reviewers.models.litellm import LiteLLMModel, rehearse
from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.models.model_map import price
from reviewers.seats.answers import OpinionAnswer, TurnAnswer

KEY = "sk-test-0123456789abcdef0123456789"
Reply = tuple[int, dict[str, str], object]


class Provider:
    """Replies as configured; records what it received."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, object]]] = []
        self.reply: Callable[[], Reply] = lambda: (200, {}, completion('{"findings": []}'))
        self.url = ""


def completion(text: str, finish: str = "stop") -> dict[str, object]:
    return {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "gpt-5.5",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100},
    }


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    state = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            state.asked.append((self.path, self.headers["authorization"], body))
            status, headers, reply = state.reply()
            self.send_response(status)
            for name, value in {"content-type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(json.dumps(reply).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}/v1"
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield state
    server.shutdown()
    server.server_close()


REQUEST = ModelRequest(purpose="opinion", system="system", prefix="prefix", prompt="prompt", answer=OpinionAnswer, seconds=20)


async def test_one_call_with_explicit_key_schema_and_known_cost(provider: Provider) -> None:
    response = await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)

    path, key, body = provider.asked[0]
    assert (path, key) == ("/v1/chat/completions", f"Bearer {KEY}")
    assert body["messages"] == [{"role": "system", "content": "system"}, {"role": "user", "content": "prefix\n\nprompt"}]
    assert body["response_format"]["json_schema"]["schema"]["required"] == ["findings"]  # type: ignore[index]
    assert response.text == '{"findings": []}'
    assert (response.usage.input_tokens, response.usage.output_tokens) == (1000, 100)
    assert response.usage.cost_usd == pytest.approx(1000 * 5e-6 + 100 * 3e-5)


@pytest.mark.parametrize("model", ["openai/gpt-5.5", "anthropic/claude-opus-4-5", "ollama_chat/llama3"])
async def test_a_body_without_an_end_is_no_answer(provider: Provider, model: str) -> None:
    provider.reply = lambda: (200, {}, {"more": "x" * 9_000_000})
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel(model, KEY, provider.url).complete(REQUEST)
    assert caught.value.fault is CallFault.UNAVAILABLE


async def test_an_answer_without_an_end_is_cut_off(provider: Provider) -> None:
    status, headers, reply = provider.reply()
    reply["choices"][0]["message"]["content"] = "x" * 1_000_001  # type: ignore[index]
    provider.reply = lambda: (status, headers, reply)
    response = await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)
    assert len(response.text) == 1_000_000 and response.truncated


@pytest.mark.parametrize(
    ("status", "message", "fault"),
    [
        (429, "slow down", CallFault.RATE_LIMITED),
        (401, f"Incorrect API key provided: {KEY}", CallFault.MISCONFIGURED),
        (404, "no such model", CallFault.MISCONFIGURED),
        (400, "context length exceeded", CallFault.MISCONFIGURED),
        (503, "overloaded", CallFault.UNAVAILABLE),
        (500, "oops", CallFault.UNAVAILABLE),
        (502, "bad gateway", CallFault.UNAVAILABLE),
        (429, "You exceeded your current quota: insufficient_quota", CallFault.MISCONFIGURED),
        (402, "Payment required", CallFault.MISCONFIGURED),
        (403, "insufficient_quota", CallFault.MISCONFIGURED),
        (413, "Request entity too large", CallFault.MISCONFIGURED),
    ],
)
async def test_each_failure_is_one_call_one_fault_and_no_key(provider: Provider, status: int, message: str, fault: CallFault) -> None:
    provider.reply = lambda: (status, {"retry-after": "7"}, {"error": {"message": message, "type": "x", "code": None}})
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)

    assert caught.value.fault is fault
    assert KEY not in str(caught.value)
    assert len(provider.asked) == 1
    if fault is CallFault.RATE_LIMITED:
        assert caught.value.retry_after == 7.0


async def test_a_local_model_is_free_and_gets_no_key_of_ours(provider: Provider) -> None:
    response = await LiteLLMModel("hosted_vllm/qwen", None, provider.url).complete(REQUEST)
    assert response.usage.cost_usd == 0.0
    assert provider.asked[0][1] == "Bearer none"


async def test_a_refusal_without_text_is_a_refusal(provider: Provider) -> None:
    refusal = completion("")
    refusal["choices"][0]["message"] = {"role": "assistant", "content": None, "refusal": "I can't help with that."}  # type: ignore[index]
    provider.reply = lambda: (200, {}, refusal)
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)
    assert caught.value.fault is CallFault.REFUSED


async def test_an_ollama_server_gets_only_the_question(provider: Provider) -> None:
    provider.reply = lambda: (200, {}, {"model": "qwen3", "response": "{}", "done": True, "prompt_eval_count": 1, "eval_count": 1})
    await LiteLLMModel("ollama/qwen3", None, provider.url.removesuffix("/v1")).complete(REQUEST)
    assert [path for path, _, _ in provider.asked] == ["/api/generate"]


async def test_a_rehearsal_calls_no_server_and_hides_its_errors() -> None:
    await rehearse(["openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview", "no/such"])
    assert {"openai.resources", "litellm.llms.anthropic.chat.handler"} <= set(sys.modules)


async def test_no_answer_in_time_is_a_timeout(provider: Provider) -> None:
    asked = Event()
    provider.reply = lambda: (200, {}, asked.wait(10))
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST.model_copy(update={"seconds": 0.3}))
    asked.set()
    assert caught.value.fault is CallFault.TIMEOUT


def test_prices_of_paid_unknown_and_local_models() -> None:
    known = price("openai/gpt-5.5")
    assert known is not None
    assert known.output == 3e-5
    assert price("anthropic/claude-opus-5-5") == price("openrouter/anthropic/claude-opus-5.5")
    assert price("openrouter/google/gemini-3.1-pro-preview") == price("gemini/gemini-3.1-pro-preview")
    assert price("openai/no-such-model") is None
    local = price("ollama_chat/qwen3")
    assert local is not None
    assert local.input == 0.0


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "This model's maximum context length is 4096 tokens. However, you requested 9000 tokens"),
        (400, "the request exceeds the available context size. try increasing the context size or enable context shift (n_ctx 4096)"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum"),
        (413, "Payload Too Large"),
    ],
)
async def test_a_too_long_prompt_differs_from_a_bad_request(provider: Provider, status: int, message: str) -> None:
    provider.reply = lambda: (status, {}, {"error": {"message": message, "type": "x", "code": None}})
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("hosted_vllm/qwen", None, provider.url).complete(REQUEST)
    assert caught.value.too_long
    assert caught.value.fault is CallFault.MISCONFIGURED


async def test_a_retry_time_may_be_a_date(provider: Provider) -> None:
    provider.reply = lambda: (429, {"retry-after": formatdate(time.time() + 90, usegmt=True)}, {"error": {"message": "slow down"}})
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)
    assert caught.value.retry_after == pytest.approx(90, abs=5)


async def test_a_call_of_unknown_usage_has_an_unknown_cost(provider: Provider) -> None:
    silent = completion("{}")
    del silent["usage"]
    provider.reply = lambda: (200, {}, silent)
    assert (await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)).usage.cost_usd is None
    assert (await LiteLLMModel("hosted_vllm/qwen", None, provider.url).complete(REQUEST)).usage.cost_usd == 0.0


async def test_a_filtered_answer_is_paid(provider: Provider) -> None:
    provider.reply = lambda: (200, {}, completion("", "content_filter"))
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)
    assert caught.value.fault is CallFault.REFUSED
    assert caught.value.usage is not None
    assert caught.value.usage.cost_usd == pytest.approx(1000 * 5e-6 + 100 * 3e-5)


@pytest.mark.parametrize("status", [400, 422])
async def test_a_refused_schema_is_loosened_and_remembered(provider: Provider, status: int) -> None:
    def refusing() -> Reply:
        kind = (provider.asked[-1][2].get("response_format") or {}).get("type")  # type: ignore[attr-defined]
        if kind is None:
            return 200, {}, completion('{"findings": []}')
        return status, {}, {"error": {"message": f"This response_format type is unavailable now: {kind}", "type": "invalid_request_error"}}

    provider.reply = refusing
    model = LiteLLMModel("openai/gpt-5.5", KEY, provider.url)
    for _ in range(2):
        assert (await model.complete(REQUEST)).text == '{"findings": []}'
    kinds = [(body.get("response_format") or {}).get("type") for _, _, body in provider.asked]  # type: ignore[attr-defined]
    assert kinds == ["json_schema", "json_object", None, None]
    last = provider.asked[-1][2]["messages"][-1]["content"]  # type: ignore[index]
    assert "JSON schema" in last
    assert '"findings"' in last


async def test_deepseek_begins_with_an_object(provider: Provider) -> None:
    await LiteLLMModel("deepseek/deepseek-chat", KEY, provider.url).complete(REQUEST)
    assert provider.asked[0][2]["response_format"] == {"type": "json_object"}


async def test_a_local_host_gets_the_round_s_schema_and_sampling(provider: Provider) -> None:
    request = REQUEST.model_copy(update={"answer": TurnAnswer, "own_answer": OpinionAnswer})
    for name in ("openai/gpt-5.5", "hosted_vllm/qwen"):
        await LiteLLMModel(name, KEY, provider.url).complete(request)
    shared, own = (body for _, _, body in provider.asked)
    assert shared["response_format"]["json_schema"]["name"] == "TurnAnswer"  # type: ignore[index]
    assert own["response_format"]["json_schema"]["name"] == "OpinionAnswer"  # type: ignore[index]
    assert "temperature" in own
    assert "seed" in own
    assert "seed" not in shared


async def test_a_host_that_refuses_a_seed_is_asked_without(provider: Provider) -> None:
    def refusing() -> Reply:
        if "seed" in provider.asked[-1][2]:
            return 400, {}, {"error": {"message": "Unknown parameter: 'seed'", "type": "invalid_request_error"}}
        return 200, {}, completion('{"findings": []}')

    provider.reply = refusing
    model = LiteLLMModel("hosted_vllm/qwen", KEY, provider.url)
    for _ in range(2):
        await model.complete(REQUEST)
    assert ["seed" in body for _, _, body in provider.asked] == [True, False, False]


@pytest.mark.parametrize(
    ("model", "key", "base_url", "said", "fault"),
    [
        ("openai/gpt-5.5", KEY, "http://127.0.0.1:9/v1", "nothing answers at 127.0.0.1:9", CallFault.UNAVAILABLE),
        ("ollama_chat/qwen3", None, "http://127.0.0.1:9", "nothing answers at 127.0.0.1:9", CallFault.UNAVAILABLE),
        ("openai/gpt-5.5", "sk-\u200babcdefgh", "http://127.0.0.1:9/v1", "a character that no key has", CallFault.MISCONFIGURED),
        ("anthropic/claude-opus-5-5", "sk-\u200babcdefgh", "http://127.0.0.1:9", "a character that no key has", CallFault.MISCONFIGURED),
    ],
)
async def test_an_unreachable_host_is_explained(model: str, key: str, base_url: str, said: str, fault: CallFault) -> None:
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel(model, key, base_url).complete(REQUEST)
    assert said in str(caught.value)
    assert caught.value.fault is fault
    assert "InternalServerError" not in str(caught.value)
    assert "abcdefgh" not in str(caught.value)


async def test_a_base_url_without_its_version_is_reported(provider: Provider) -> None:
    provider.reply = lambda: (404, {}, "404 page not found")
    root = provider.url.removesuffix("/v1")
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("hosted_vllm/qwen", None, root).complete(REQUEST)
    assert f"set {root}/v1" in str(caught.value)
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("ollama_chat/qwen3", None, provider.url).complete(REQUEST)
    assert "ends before /v1" in str(caught.value)


def test_what_litellm_never_reads_again_is_dropped() -> None:
    utils = library().utils
    assert not hasattr(utils, "json_data")
    assert utils.claude_json_str
