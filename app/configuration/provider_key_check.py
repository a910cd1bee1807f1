"""Checks a key with its provider by listing the models, which costs nothing and sends no user data."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import Unavailable

_SECONDS = 10.0


@dataclass(frozen=True)
class KeyCheck:
    """Where a provider lists the models of a key. `header` carries the key, after "Bearer " in the usual header."""

    base: str
    path: str = "/models"
    header: str = "authorization"
    more: tuple[tuple[str, str], ...] = ()

    def headers(self, key: str) -> dict[str, str]:
        """The request headers."""
        return {self.header: f"Bearer {key}" if self.header == "authorization" else key, **dict(self.more)}


# Providers for which an organization may bring one key. Each vendor's reference documents the route.
PROBES: Mapping[str, KeyCheck] = {
    "openai": KeyCheck("https://api.openai.com/v1"),
    "anthropic": KeyCheck("https://api.anthropic.com", "/v1/models", "x-api-key", (("anthropic-version", "2023-06-01"),)),
    "gemini": KeyCheck("https://generativelanguage.googleapis.com/v1beta", header="x-goog-api-key"),
    "openrouter": KeyCheck("https://openrouter.ai/api/v1", "/key"),
    "mistral": KeyCheck("https://api.mistral.ai/v1"),
    "deepseek": KeyCheck("https://api.deepseek.com"),
    "xai": KeyCheck("https://api.x.ai/v1"),
    "groq": KeyCheck("https://api.groq.com/openai/v1"),
}


async def key_refusal(provider: str, base_url: str, key: str) -> str:
    """Why a provider rejects a key, or "". Raises Unavailable if it does not answer. `base_url` is this server's, "" for the vendor's."""
    import httpx

    from reviewers.models.bounded_body import bound_bodies

    probe = PROBES[provider]
    url = f"{(base_url or probe.base).rstrip('/')}{probe.path}"
    try:
        async with httpx.AsyncClient(timeout=_SECONDS, follow_redirects=False) as client:
            bound_bodies(client)
            answer = await client.get(url, headers=probe.headers(key))
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        raise Unavailable(f"{provider} did not answer within {_SECONDS:.0f} s") from None
    if answer.status_code == 200:
        return ""
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Unavailable(f"{provider} answered {answer.status_code}")
    return f"{provider} refused this key with status {answer.status_code}"
