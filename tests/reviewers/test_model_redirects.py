"""No model host can redirect the key and the change to another address, through any of litellm's clients."""

import asyncio

import pytest

from reviewers.models.litellm import LiteLLMModel
from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.seats.answers import OpinionAnswer

KEY = "sk-test-0123456789abcdef0123456789"
MODELS = ("openai/gpt-5.5", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro", "mistral/large", "ollama_chat/qwen3", "hosted_vllm/own")


@pytest.mark.parametrize("status", [307, 302])
@pytest.mark.parametrize("name", MODELS)
async def test_a_redirect_is_not_followed(name: str, status: int) -> None:
    asked: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.close()

    inside = await asyncio.start_server(elsewhere, "127.0.0.1", 0)
    head = f"HTTP/1.1 {status} Moved\r\nlocation: http://127.0.0.1:{inside.sockets[0].getsockname()[1]}/\r\n"

    async def host(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"{head}content-length: 0\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    server = await asyncio.start_server(host, "127.0.0.1", 0)
    base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    request = ModelRequest(purpose="review", system="s", prefix="", prompt="p", answer=OpinionAnswer, seconds=10, max_output_tokens=10)
    async with inside, server:
        with pytest.raises(ModelError, match="sends requests on to another address") as caught:
            await LiteLLMModel(name, KEY, base if name.startswith(("anth", "gem", "oll")) else f"{base}/v1", {}).complete(request)
    assert not asked and caught.value.fault is CallFault.MISCONFIGURED and KEY not in str(caught.value)
