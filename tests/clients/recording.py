"""Records the requests that Council makes: each body on the wire, on loopback."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, NamedTuple

from reviewers.models.hosts import AnswerForm, Host
from reviewers.models.litellm import LiteLLMModel
from reviewers.models.model import ModelError, ModelRequest
from reviewers.seats.answers import AdviceAnswer, CounselTurnAnswer, SynthesisAnswer, TurnAnswer

ANSWERS = (TurnAnswer, SynthesisAnswer, CounselTurnAnswer, AdviceAnswer)
VENDORS = {"openai": ("openai/gpt-5.5", "/v1"), "anthropic": ("anthropic/claude-opus-5-5", "")}
HEAD = b"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}"


class Wire(NamedTuple):
    """A recorder's address, and its requests, with `path`, `beta` and `body`."""

    address: str
    requests: list[dict[str, Any]]


@asynccontextmanager
async def recorder() -> AsyncIterator[Wire]:
    """A server that keeps each request's body and answers 400."""
    requests: list[dict[str, Any]] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head.split("\r\n")[1:])}
        body = await reader.readexactly(int(fields.get("content-length", 0)))
        beta = fields.get("anthropic-beta", "")
        requests.append({"path": head.split()[1], "beta": beta, "body": json.loads(body or b"{}")})
        writer.write(HEAD)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield Wire(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests)


async def record_requests() -> list[dict[str, Any]]:
    """Every kind of question of Council's, in each answer format: `vendor`, `case`, `path`, `beta` and `body`."""
    recorded = []
    for name, (model, tail) in VENDORS.items():
        for answer in ANSWERS:
            for form in AnswerForm:
                async with recorder() as wire:
                    request = ModelRequest(purpose="opinion", system="s", prefix="File a.py", prompt="q", answer=answer, seconds=20)
                    with suppress(ModelError):
                        await LiteLLMModel(model, "sk-none", f"{wire.address}{tail}", host=Host(form)).complete(request)
                if not wire.requests:
                    raise RuntimeError(f"{model} sent nothing")
                recorded.append({"vendor": name, "case": f"{answer.__name__} as {form}", **wire.requests[0]})
    return recorded
