"""Gemini's generateContent."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request

from app.sandbox.providers.response_script import question_of
from app.sandbox.providers.wire_format import Json, ProviderError, ProviderReply, ProviderRequest, schema_text, text_of

FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY", "content_filter": "SAFETY"}
STATUS = {
    400: "INVALID_ARGUMENT",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    503: "UNAVAILABLE",
}


@dataclass(frozen=True)
class Gemini:
    """`/models/{model}:generateContent`."""

    vendor: str = "gemini"

    def key(self, request: Request) -> str:
        return request.headers.get("x-goog-api-key", "") or request.query_params.get("key", "")

    def ask(self, path: str, body: Json) -> ProviderRequest:
        config = body.get("generationConfig") or {}
        schemas = (config.get(name) for name in ("response_json_schema", "responseJsonSchema", "response_schema", "responseSchema"))
        schema = next((each for each in schemas if each), None)
        system = body.get("system_instruction") or body.get("systemInstruction") or ""
        prompt = text_of(system) + "\n" + text_of(body.get("contents"))
        found = re.search(r"models/([^:/]+):", path)
        limit = config.get("max_output_tokens") or config.get("maxOutputTokens")
        return ProviderRequest(found[1] if found else "", prompt, question_of("", schema, prompt), path, limit, schema_text(schema))

    def reply(self, ask: ProviderRequest, reply: ProviderReply) -> Json:
        content: Json = {"role": "model", "parts": [{"text": reply.text}]}
        candidate: Json = {"content": content, "finishReason": FINISH[reply.finish], "index": 0}
        if FINISH[reply.finish] == "SAFETY":
            candidate["content"] = {"role": "model", "parts": []}
            candidate["safetyRatings"] = [{"category": "HARM_CATEGORY_DANGEROUS_CONTENT", "probability": "HIGH", "blocked": True}]
        return {
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": reply.input_tokens,
                "candidatesTokenCount": reply.output_tokens,
                "cachedContentTokenCount": reply.cached_tokens,
                "totalTokenCount": reply.input_tokens + reply.output_tokens,
            },
            "modelVersion": ask.model,
            "responseId": f"sandbox{reply.number}",
        }

    def trouble(self, trouble: ProviderError) -> Json:
        # Gemini answers a wrong key as a bad request, and only the details show the cause.
        code = 400 if trouble.status == 401 else trouble.status
        details: list[Json] = []
        if trouble.retry_after is not None:
            details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": f"{trouble.retry_after:g}s"})
        if trouble.status == 401:
            details.append({"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID"})
        message = "API key not valid. Please pass a valid API key." if trouble.status == 401 else trouble.message
        return {"error": {"code": code, "message": message, "status": STATUS.get(code, "INTERNAL"), "details": details}}

    def listing(self, names: Sequence[str]) -> Json:
        return {"models": [{"name": f"models/{name}", "supportedGenerationMethods": ["generateContent"]} for name in names]}
