"""Anthropic's Messages API."""

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

STOP = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal", "content_filter": "refusal"}
KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


@dataclass(frozen=True)
class Anthropic:
    """`/v1/messages`, with structured output in either of its two spellings."""

    vendor: str = "anthropic"

    def key(self, request: Request) -> str:
        return request.headers.get("x-api-key", "") or bearer(request)

    def ask(self, path: str, body: Json) -> ProviderRequest:
        shape: Json = body.get("output_format") or (body.get("output_config") or {}).get("format") or {}
        prompt = text_of(body.get("system") or "") + "\n" + text_of(body.get("messages"))
        question = question_of("", shape.get("schema"), prompt)
        return ProviderRequest(
            str(body.get("model")), prompt, question, path, body.get("max_tokens"), schema_text(shape), _marked(body, prompt)
        )

    def reply(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        return {
            "id": f"msg_sandbox{reply.number}",
            "type": "message",
            "role": "assistant",
            "model": ask.model,
            "content": [{"type": "text", "text": reply.text}],
            "stop_reason": STOP[reply.finish],
            "stop_sequence": None,
            "usage": {
                # Anthropic counts cached tokens separately from the others.
                "input_tokens": reply.input_tokens - reply.cached_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": reply.cached_tokens,
                "output_tokens": reply.output_tokens,
                "service_tier": "standard",
            },
        }

    def trouble(self, trouble: ProviderError) -> Json:
        kind = KINDS.get(trouble.status, "api_error")
        return {"type": "error", "error": {"type": kind, "message": trouble.message}, "request_id": "req_sandbox"}

    def listing(self, names: Sequence[str]) -> Json:
        about = {"type": "model", "created_at": "2026-11-23T00:00:00Z", "lifecycle": "active"}
        rows = [{"id": name, "display_name": name, **about} for name in names]
        return {"data": rows, "has_more": False, "first_id": names[0] if names else None, "last_id": names[-1] if names else None}


def _marked(body: Json, prompt: str) -> int:
    """How many characters precede the last cache mark. Without a mark nothing is cached."""
    parts = [part for message in body.get("messages") or [] for part in message.get("content") or [] if isinstance(part, dict)]
    marked = [text_of(part) for part in parts if part.get("cache_control")]
    return prompt.rindex(marked[-1]) + len(marked[-1]) if marked else 0
