"""Finds how many tokens fit into a model's context: add here how another kind of server reports it."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from app.configuration.providers import ConfiguredProvider
from app.configuration.settings import Settings
from reviewers.models.model_map import model_facts
from reviewers.models.vendors import is_local, provider_of
from reviewers.values.value import FrozenValue

_SECONDS = 5.0
# Ollama allocates the cache of the whole window at once, so its models' trained maximum is not a usable default.
OLLAMA_TOKENS = 16_384
_Json = Mapping[str, Any]


class Window(FrozenValue):
    """The context of a model in tokens, and the source of the number."""

    tokens: int
    source: str


class Windows:
    """The windows of a run's models, each requested once, because Ollama reloads a model when its window changes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._asked: dict[str, asyncio.Task[Window | None]] = {}

    async def of(self, model: str) -> Window | None:
        """The window of a model. None if unknown."""
        if model not in self._asked:
            self._asked[model] = asyncio.create_task(window_of(self._settings, model))
        return await asyncio.shield(self._asked[model])

    async def tokens(self, model: str) -> int | None:
        """The same, as a number."""
        window = await self.of(model)
        return window.tokens if window else None


async def window_of(settings: Settings, model: str) -> Window | None:
    """What the host reports, otherwise litellm's map, otherwise the settings. A setting for this model may lower the reported number."""
    provider = settings.provider(provider_of(model))
    told = _told(settings, model)
    host = provider.base_url if provider else ""
    if provider_of(model) == "ollama":
        return await _of_ollama(provider, model, told.tokens if told else OLLAMA_TOKENS) if provider else told
    window = None
    if provider and host and (is_local(model) or _is_own(host)):
        window = await _of_server(provider, model.split("/", 1)[1])
    if window is None and (held := await asyncio.to_thread(model_facts, model)) and held.window:
        window = Window(tokens=held.window, source="litellm's map")
    if window is None or (told and told.tokens < window.tokens and model in dict(settings.context_tokens)):
        return told
    return window


async def list_served_models(provider: ConfiguredProvider) -> tuple[str, ...]:
    """The model strings that your own server offers. Empty if it does not report them."""
    if provider.name == "ollama":
        listed = await _json(provider, f"{_root(provider.base_url)}/api/tags")
        return tuple(f"ollama_chat/{row['name']}" for row in _rows(listed, "models") if row.get("name"))
    listed = await _json(provider, f"{provider.base_url.rstrip('/')}/models")
    return tuple(f"{provider.name}/{row['id']}" for row in _rows(listed, "data") if row.get("id"))


def _told(settings: Settings, model: str) -> Window | None:
    told = dict(settings.context_tokens)
    tokens = told.get(model) or told.get("")
    return Window(tokens=tokens, source="COUNCIL_CONTEXT_TOKENS") if tokens else None


def _is_own(base_url: str) -> bool:
    """Whether a provider's base URL is not a vendor's: plain HTTP, or a name without a dot."""
    parts = urlsplit(base_url)
    return parts.scheme == "http" or "." not in (parts.hostname or "")


async def _of_ollama(provider: ConfiguredProvider, model: str, most: int) -> Window:
    """The smaller of the trained maximum and what may be allocated. The server's own default would truncate prompts silently."""
    shown = await _json(provider, f"{_root(provider.base_url)}/api/show", {"model": model.split("/", 1)[1]})
    info = shown.get("model_info") if isinstance(shown, Mapping) else None
    trained = [value for name, value in (info or {}).items() if name.endswith(".context_length") and isinstance(value, int)]
    if trained and trained[0] <= most:
        return Window(tokens=trained[0], source="/api/show")
    return Window(tokens=most, source="num_ctx, set by Council")


async def _of_server(provider: ConfiguredProvider, name: str) -> Window | None:
    """What vLLM, llama.cpp and LM Studio report, each in a different field. Never what a model was trained for."""
    base, root = provider.base_url.rstrip("/"), _root(provider.base_url)
    rows = _rows(await _json(provider, f"{base}/models"), "data")
    row = next((row for row in rows if row.get("id") == name), rows[0] if len(rows) == 1 else {})
    meta = row.get("meta")
    loaded = meta.get("n_ctx") if isinstance(meta, Mapping) else None
    for tokens, source in ((row.get("max_model_len"), "max_model_len"), (loaded, "meta.n_ctx")):
        if isinstance(tokens, int) and tokens > 0:
            return Window(tokens=tokens, source=source)
    if provider.name != "lm_studio":
        props = await _json(provider, f"{root}/props?model={quote(name, safe='')}")
        found = props.get("default_generation_settings") if isinstance(props, Mapping) else None
        tokens = found.get("n_ctx") if isinstance(found, Mapping) else None
        if isinstance(tokens, int) and tokens > 0:
            return Window(tokens=tokens, source="/props")
    rows = _rows(await _json(provider, f"{root}/api/v0/models"), "data")
    tokens = next((row.get("loaded_context_length") for row in rows if row.get("id") == name), None)
    return Window(tokens=tokens, source="loaded_context_length") if isinstance(tokens, int) and tokens > 0 else None


def _root(base_url: str) -> str:
    return base_url.rstrip("/").removesuffix("/v1")


def _rows(listed: object, key: str) -> list[_Json]:
    rows = listed.get(key) if isinstance(listed, Mapping) else None
    return [row for row in rows if isinstance(row, Mapping)] if isinstance(rows, list) else []


async def _json(provider: ConfiguredProvider, url: str, body: Mapping[str, str] | None = None) -> _Json:
    """The answer of your own server. Empty if there is none."""
    import httpx

    from reviewers.models.bounded_body import bound_bodies

    headers = {"authorization": f"Bearer {provider.key}"} if provider.key else {}
    # Plain HTTP needs no certificates, and reading them blocks the event loop for 30 ms. This context trusts no certificate.
    trust = True if url.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        async with httpx.AsyncClient(verify=trust, timeout=_SECONDS, follow_redirects=False) as client:
            bound_bodies(client)
            answer = await (client.post(url, json=body, headers=headers) if body else client.get(url, headers=headers))
            found = answer.json() if answer.status_code == 200 else {}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError):
        return {}
    return found if isinstance(found, Mapping) else {}
