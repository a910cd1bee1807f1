"""Ollama's chat and show."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from app.sandbox.providers.response_script import question_of
from app.sandbox.providers.wire_format import (
    Json,
    ProviderError,
    ProviderReply,
    ProviderRequest,
    bearer,
    schema_text,
    text_of,
)


@dataclass(frozen=True)
class Ollama:
    """`/api/chat`. A local server needs no key."""

    vendor: str = "ollama"

    def key(self, request: Request) -> str:
        return bearer(request)

    def ask(self, path: str, body: Json) -> ProviderRequest:
        schema = body.get("format") if isinstance(body.get("format"), dict) else None
        prompt = text_of(body.get("messages")) or text_of(body.get("prompt"))
        options = body.get("options") or {}
        form = "json_schema" if schema else "json_object" if body.get("format") == "json" else ""
        question, limit = question_of("", schema, prompt), options.get("num_predict")
        # By default, Ollama allocates 4,096 tokens.
        window = options.get("num_ctx", 4_096)
        return ProviderRequest(str(body.get("model")), prompt, question, path, limit, schema_text(schema), form=form, window=window)

    def reply(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        return {
            "model": ask.model,
            "created_at": "2026-11-23T00:00:00.000000Z",
            "message": {"role": "assistant", "content": reply.text},
            "response": reply.text,
            "done": True,
            "done_reason": "length" if reply.finish == "length" else "stop",
            "total_duration": 1_000_000,
            "load_duration": 1_000,
            # Older versions do not count cached tokens.
            "prompt_eval_count": reply.input_tokens - reply.cached_tokens,
            "prompt_eval_duration": 1_000,
            "eval_count": reply.output_tokens,
            "eval_duration": 1_000,
        }

    def trouble(self, trouble: ProviderError) -> Json:
        return {"error": trouble.message}

    def listing(self, names: Sequence[str]) -> Json:
        return {"models": [{"name": name, "model": name} for name in names]}


def show(model: str, trained: int = 131_072) -> Json:
    """The answer of `/api/show` about a model."""
    return {
        "license": "",
        "modelfile": f"FROM {model}",
        "parameters": "",
        "template": "{{ .Prompt }}",
        "details": {"family": "sandbox", "parameter_size": "1B", "quantization_level": "Q4_0"},
        "model_info": {"general.architecture": "sandbox", "sandbox.context_length": trained},
        "capabilities": ["completion"],
    }
