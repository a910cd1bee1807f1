"""The litellm door against a server on loopback that speaks OpenAI's format."""

import json
import sys
from collections.abc import AsyncIterator, Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from reviewers.models.litellm import LiteLLMModel, price, rehearse
from reviewers.models.model import Fault, ModelError, ModelRequest
from reviewers.seats.answers import OpinionAnswer

KEY = "sk-test-0123456789abcdef0123456789"
Reply = tuple[int, dict[str, str], object]


class Provider:
    """Replies with what it is told to; keeps what it was sent."""

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
    Thread(target=server.serve_forever, daemon=True).start()
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


@pytest.mark.parametrize(
    ("status", "message", "fault"),
    [
        (429, "slow down", Fault.RATE_LIMITED),
        (401, f"Incorrect API key provided: {KEY}", Fault.MISCONFIGURED),
        (404, "no such model", Fault.MISCONFIGURED),
        (400, "context length exceeded", Fault.MISCONFIGURED),
        (503, "overloaded", Fault.UNAVAILABLE),
        (500, "oops", Fault.UNAVAILABLE),
        (502, "bad gateway", Fault.UNAVAILABLE),
        (429, "You exceeded your current quota: insufficient_quota", Fault.MISCONFIGURED),
    ],
)
async def test_each_failure_is_one_call_one_fault_and_no_key(provider: Provider, status: int, message: str, fault: Fault) -> None:
    provider.reply = lambda: (status, {"retry-after": "7"}, {"error": {"message": message, "type": "x", "code": None}})
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST)

    assert caught.value.fault is fault
    assert KEY not in str(caught.value)
    assert len(provider.asked) == 1
    if fault is Fault.RATE_LIMITED:
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
    assert caught.value.fault is Fault.REFUSED


async def test_a_server_of_ollama_is_asked_only_the_question(provider: Provider) -> None:
    provider.reply = lambda: (200, {}, {"model": "qwen3", "response": "{}", "done": True, "prompt_eval_count": 1, "eval_count": 1})
    await LiteLLMModel("ollama/qwen3", None, provider.url.removesuffix("/v1")).complete(REQUEST)
    assert [path for path, _, _ in provider.asked] == ["/api/generate"]


async def test_a_rehearsal_asks_nobody_and_fails_in_silence() -> None:
    await rehearse(["openai/gpt-5.5", "anthropic/claude-opus-5-5", "gemini/gemini-3.1-pro-preview", "no/such"])
    assert {"openai.resources", "litellm.llms.anthropic.chat.handler"} <= set(sys.modules)


async def test_no_answer_in_time_is_a_timeout(provider: Provider) -> None:
    asked = Event()
    provider.reply = lambda: (200, {}, asked.wait(10))
    with pytest.raises(ModelError) as caught:
        await LiteLLMModel("openai/gpt-5.5", KEY, provider.url).complete(REQUEST.model_copy(update={"seconds": 0.3}))
    asked.set()
    assert caught.value.fault is Fault.TIMEOUT


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
