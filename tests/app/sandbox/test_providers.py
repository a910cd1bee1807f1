"""The providers on the wire, as litellm calls them and by hand."""

import asyncio
import json
import sys
from typing import Any

import httpx
import pytest

from app.sandbox.providers.model import ModelFault
from app.sandbox.providers.response_script import ScriptedMember
from app.sandbox.server import Sandbox
from reviewers.seats.answers import OpinionAnswer
from tests.app.sandbox.test_brain import FINDING

# A model, its fault, and litellm's error for it.
CALLS = [
    ("openai/gpt-5.5", "", "stop"),
    ("openai/gpt-5.5", "429", "RateLimitError"),
    ("openai/gpt-5.5", "500", "InternalServerError"),
    ("openai/gpt-5.3-codex", "", "stop"),
    ("anthropic/claude-opus-5-5", "", "stop"),
    ("anthropic/claude-opus-5-5", "529", "InternalServerError"),
    ("anthropic/claude-opus-5-5", "refusal", "content_filter"),
    ("gemini/gemini-3.1-pro-preview", "", "stop"),
    ("gemini/gemini-3.1-pro-preview", "429", "RateLimitError"),
    ("gemini/gemini-3.1-pro-preview", "content_filter", "content_filter"),
    ("openrouter/deepseek/deepseek-v4-pro", "", "stop"),
    ("openrouter/deepseek/deepseek-v4-pro", "401", "AuthenticationError"),
    ("ollama_chat/llama3.3", "", "stop"),
    ("ollama_chat/llama3.3", "length", "length"),
]
HERE = "tests.app.sandbox.litellm_calls"


async def through_litellm(sandbox: Sandbox) -> list[dict[str, Any]]:
    wanted = []
    for name, _, _ in CALLS:
        vendor = name.partition("/")[0].removesuffix("_chat")
        wanted.append({"model": name, "base": sandbox.provider_url(vendor), "key": sandbox.providers.keys.get(vendor, "none")})
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", HERE, json.dumps(wanted), stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    results: list[dict[str, Any]] = json.loads(out.decode().strip().splitlines()[-1])
    return results


@pytest.mark.slow
async def test_litellm_understands_every_vendor(sandbox: Sandbox) -> None:
    """litellm is imported once, in a separate process: it asks Ollama's `/api/show` synchronously on the event loop."""
    for name, fault, _ in CALLS:
        model = sandbox.providers.script(name, ScriptedMember([FINDING]))
        model.faults.append(ModelFault(fault or "none"))
    results = await through_litellm(sandbox)
    for (name, fault, wanted), got in zip(CALLS, results, strict=True):
        assert wanted in (got.get("finish"), got.get("error")), (name, fault, got)
        if not fault:
            assert OpinionAnswer.model_validate_json(got["text"]).findings[0].title == "Races", name
            assert got["tokens"] > 0
    assert results[1]["retry_after"] == "1"
    assert [call.question for call in sandbox.providers.calls] == ["OpinionAnswer"] * len(CALLS)


async def ask(sandbox: Sandbox, http: httpx.AsyncClient, prompt: str = "File a.py", key: str = "") -> httpx.Response:
    schema = {"name": "OpinionAnswer", "schema": OpinionAnswer.model_json_schema()}
    body = {
        "model": "gpt-5.5",
        "messages": [{"role": "user", "content": prompt}],
        "response_format": {"type": "json_schema", "json_schema": schema},
    }
    headers = {"authorization": f"Bearer {key or sandbox.providers.keys['openai']}"}
    return await http.post(f"{sandbox.provider_url('openai')}/chat/completions", json=body, headers=headers)


async def test_a_wrong_key_is_refused_in_each_vendors_words(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    assert (await ask(sandbox, http, key="sk-wrong")).json()["error"]["code"] == "invalid_api_key"
    anthropic = await http.post(f"{sandbox.provider_url('anthropic')}/v1/messages", json={"model": "m"})
    assert (anthropic.status_code, anthropic.json()["error"]["type"]) == (401, "authentication_error")
    gemini = await http.post(f"{sandbox.provider_url('gemini')}/models/m:generateContent", json={})
    assert (gemini.status_code, gemini.json()["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")
    assert [call.status for call in sandbox.providers.calls] == [401, 401, 401]


async def test_faults_strike_in_order_and_then_it_works(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    model = sandbox.providers.script("openai/gpt-5.5", ScriptedMember([FINDING]))
    model.faults.extend([ModelFault.RATE_LIMITED, ModelFault.NONE, ModelFault.GARBAGE, ModelFault.LENGTH, ModelFault.REFUSAL])
    answers = [await ask(sandbox, http) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [429, 200, 200, 200, 200, 200]
    assert answers[0].headers["retry-after"] == "1"
    choices = [answer.json()["choices"][0] for answer in answers[1:]]
    assert [choice["finish_reason"] for choice in choices] == ["stop", "stop", "length", "stop", "stop"]
    assert choices[3]["message"]["refusal"]
    with pytest.raises(ValueError, match="validation error"):
        OpinionAnswer.model_validate_json(choices[1]["message"]["content"])


async def test_a_connection_is_reset(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    sandbox.providers.model("openai/gpt-5.5").always = ModelFault.RESET
    with pytest.raises(httpx.TransportError):
        await ask(sandbox, http)
    assert sandbox.providers.calls[0].fault == "reset"


async def test_a_shared_prefix_is_counted_as_cached(sandbox: Sandbox, http: httpx.AsyncClient) -> None:
    prefix = "word " * 2_000
    usages = [(await ask(sandbox, http, prefix + tail)).json()["usage"] for tail in (" opinion", " critique")]
    assert [usage["prompt_tokens_details"]["cached_tokens"] for usage in usages] == [0, 2000]
    assert sandbox.providers.calls[1].shared_prefix >= 8_000


async def test_the_end_does_not_wait_for_a_call_that_hangs(private_key: str, http: httpx.AsyncClient) -> None:
    async with Sandbox.start(private_key=private_key) as sandbox:
        sandbox.providers.model("openai/gpt-5.5").always = ModelFault.HANG
        waiting = asyncio.create_task(ask(sandbox, http))
        while not sandbox.providers.waiting:
            await asyncio.sleep(0.005)
        before = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - before < 1
    assert (await waiting).status_code == 500
