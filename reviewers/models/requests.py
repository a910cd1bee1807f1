"""Builds the chat messages of a question: change here how the answer form, the shared prefix and the sampling are requested."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel

from reviewers.models.hosts import AnswerForm
from reviewers.models.model import ModelRequest
from reviewers.models.schema import schema_of
from reviewers.models.vendors import is_local, provider, vendor_of

_MARKED = ("anthropic", "openrouter", "bedrock", "vertex_ai")
# Greedy decoding makes small models repeat themselves: https://huggingface.co/Qwen/Qwen3-8B#best-practices
_TEMPERATURE = 0.2


def answer_of(name: str, request: ModelRequest) -> type[BaseModel]:
    """The class whose schema is sent: on a local host, whose cache does not depend on it, that of this round alone."""
    return request.own_answer if request.own_answer is not None and is_local(name) else request.answer


def format_of(answer: type[BaseModel], form: AnswerForm) -> dict[str, Any] | None:
    """The `response_format` of a call; None for plain text."""
    if form is AnswerForm.SCHEMA:
        return {"type": "json_schema", "json_schema": {"name": answer.__name__, "schema": schema_of(answer), "strict": True}}
    return {"type": "json_object"} if form is AnswerForm.OBJECT else None


def sampling_of(name: str, request: ModelRequest) -> dict[str, Any]:
    """Temperature and seed, for local hosts only: the vendors' reasoning models refuse them or get worse."""
    if not is_local(name):
        return {}
    seed = int.from_bytes(hashlib.sha256(f"{request.purpose} {request.prefix}".encode(errors="replace")).digest()[:3], "big")
    return {"temperature": _TEMPERATURE, "seed": seed}


def messages_of(name: str, request: ModelRequest, form: AnswerForm) -> list[dict[str, Any]]:
    """System text, question and earlier turns; if the host accepts no schema, the question ends with it."""
    prompt = request.prompt
    if form is not AnswerForm.SCHEMA:
        schema = json.dumps(schema_of(answer_of(name, request)), ensure_ascii=False)
        prompt = f"{prompt}\n\nAnswer with one JSON object that fits this JSON schema, and nothing else:\n{schema}"
    system = {"role": "system", "content": request.system}
    # Only this vendor's caches need a mark at the end of the shared part; of the four marks allowed, two are used.
    marked = vendor_of(name) == "anthropic" and provider(name) in _MARKED
    content: str | list[dict[str, Any]] = f"{request.prefix}\n\n{prompt}" if request.prefix else prompt
    if marked and request.prefix:
        content = [_marked(request.prefix), {"type": "text", "text": prompt}]
    messages: list[dict[str, Any]] = [system, {"role": "user", "content": content}]
    for number, turn in enumerate(request.turns, 1):
        last = number == len(request.turns)
        reply: str | list[dict[str, Any]] = [_marked(turn.reply)] if marked and last else turn.reply
        messages += [{"role": "assistant", "content": turn.answer}, {"role": "user", "content": reply}]
    return messages


def _marked(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral"}}
