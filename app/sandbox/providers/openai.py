"""OpenAI's Chat Completions and Responses, for OpenRouter and compatible servers too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

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

KINDS = {
    400: ("invalid_request_error", None),
    401: ("invalid_request_error", "invalid_api_key"),
    404: ("invalid_request_error", "model_not_found"),
    429: ("requests", "rate_limit_exceeded"),
    402: ("insufficient_quota", "insufficient_quota"),
}


@dataclass(frozen=True)
class OpenAI:
    """`/chat/completions` and `/responses`."""

    vendor: str = "openai"

    def key(self, request: Request) -> str:
        return bearer(request)

    def ask(self, path: str, body: Json) -> ProviderRequest:
        """Parse either API's request."""
        if path.endswith("/responses"):
            shape: Json = (body.get("text") or {}).get("format") or {}
            prompt = text_of(body.get("instructions") or "") + "\n" + text_of(body.get("input"))
            question = question_of(str(shape.get("name") or ""), shape.get("schema"), prompt)
            return ProviderRequest(str(body.get("model")), prompt, question, path, body.get("max_output_tokens"), schema_text(shape))
        shape = (body.get("response_format") or {}).get("json_schema") or {}
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        prompt = text_of(body.get("messages"))
        question = question_of(str(shape.get("name") or ""), shape.get("schema"), prompt)
        form = str((body.get("response_format") or {}).get("type") or "")
        return ProviderRequest(str(body.get("model")), prompt, question, path, limit, schema_text(shape), form=form)

    def reply(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        return self._responses(ask, reply) if ask.path.endswith("/responses") else self._chat(ask, reply)

    def trouble(self, trouble: ProviderError) -> Json:
        if self.vendor == "openrouter":
            return {"error": {"code": trouble.status, "message": trouble.message}, "user_id": "sandbox"}
        kind, code = KINDS.get(trouble.status, ("server_error", None))
        return {"error": {"message": trouble.message, "type": kind, "param": None, "code": code}}

    def listing(self, names: Sequence[str]) -> Json:
        rows = [{"id": name, "object": "model", "created": 1_790_000_000, "owned_by": "system"} for name in names]
        return {"data": rows} if self.vendor == "openrouter" else {"object": "list", "data": rows}

    def _chat(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        refused = reply.finish == "refusal"
        message = {"role": "assistant", "content": None if refused else reply.text, "refusal": reply.text if refused else None}
        shape: Json = {
            "id": f"chatcmpl-sandbox{reply.number}",
            "object": "chat.completion",
            "created": 1_790_000_000 + reply.number,
            "model": ask.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": "stop" if refused else reply.finish}],
            "usage": {
                "prompt_tokens": reply.input_tokens,
                "completion_tokens": reply.output_tokens,
                "total_tokens": reply.input_tokens + reply.output_tokens,
                "prompt_tokens_details": {"cached_tokens": reply.cached_tokens, "audio_tokens": 0},
                "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0},
            },
            "service_tier": "default",
            "system_fingerprint": "fp_sandbox",
        }
        if self.vendor in ("hosted_vllm", "lm_studio"):
            # These report their caches only on request.
            del shape["usage"]["prompt_tokens_details"]
        if self.vendor == "openrouter":
            shape |= {"provider": "Sandbox"}
            shape["usage"]["cost"] = 0.0
        return shape

    def _responses(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        cut = reply.finish in ("length", "content_filter")
        part: dict[str, Any] = {"type": "output_text", "text": reply.text, "annotations": []}
        if reply.finish == "refusal":
            part = {"type": "refusal", "refusal": reply.text}
        item = {"type": "message", "id": f"msg_{reply.number}", "status": "completed", "role": "assistant", "content": [part]}
        return {
            "id": f"resp_sandbox{reply.number}",
            "object": "response",
            "created_at": 1_790_000_000 + reply.number,
            "status": "incomplete" if cut else "completed",
            "error": None,
            "incomplete_details": {"reason": "max_output_tokens" if reply.finish == "length" else "content_filter"} if cut else None,
            "instructions": None,
            "metadata": {},
            "model": ask.model,
            "output": [item],
            "parallel_tool_calls": True,
            "temperature": 1.0,
            "tool_choice": "auto",
            "tools": [],
            "top_p": 1.0,
            "usage": {
                "input_tokens": reply.input_tokens,
                "input_tokens_details": {"cached_tokens": reply.cached_tokens, "cache_write_tokens": 0},
                "output_tokens": reply.output_tokens,
                "output_tokens_details": {"reasoning_tokens": 0},
                "total_tokens": reply.input_tokens + reply.output_tokens,
            },
        }
