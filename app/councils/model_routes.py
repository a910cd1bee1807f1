"""Finds the models that this instance can call with its keys, and the fallback routes of each."""

import asyncio
from functools import partial

from app.configuration.provider_catalog import account_of
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.context_windows import Windows
from reviewers.models.hosts import Hosts
from reviewers.models.litellm import LiteLLMModel
from reviewers.models.model import CallFault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.model_map import price
from reviewers.models.vendors import defaults, model_routes, pool, provider_of, vendor_of

# Prompts that your own server works on at once. vLLM and llama.cpp have slots; the others queue.
_AT_ONCE = {"ollama": 1, "lm_studio": 1, "hosted_vllm": 4}


class ModelRoute:
    """What the models of a run know about their hosts: context windows, answer formats, and free slots.

    Your own server may work on one prompt at a time, or on a few. A seat's time does not include waiting for it.
    """

    def __init__(self, settings: Settings, hosts: Hosts | None = None) -> None:
        self.windows = Windows(settings)
        self.hosts = hosts or Hosts()
        self._settings = settings
        self._slots: dict[str, asyncio.Semaphore] = {}

    def slot(self, model: str) -> asyncio.Semaphore | None:
        """The slots of a model's host. None if there is no need to wait."""
        many = _AT_ONCE.get(provider_of(model))
        return self._slots.setdefault(provider_of(model), asyncio.Semaphore(many)) if many else None


class UnconfiguredModel:
    """A requested model that this instance has no key for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.vendor = vendor_of(name)

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """Raise the error that says what is missing."""
        raise ModelError(CallFault.MISCONFIGURED, missing_key(self.name))


def missing_key(model: str) -> str:
    """What to set so that a model can be called."""
    wanted = provider_of(model)
    if not wanted:
        return f"{model} names no provider: write ollama_chat/{model}, hosted_vllm/{model} or openai/{model}, depending on the server"
    if wanted == "llamafile":
        name = model.split("/", 1)[1]
        return f"a llamafile uses OpenAI's format: write hosted_vllm/{name}, and set HOSTED_VLLM_BASE_URL to its address with /v1"
    known = account_of(wanted)
    return f"this server has no key for {wanted}: set {known.wanted if known else f'{wanted.upper()}_API_KEY'}"


def seat_names(settings: Settings) -> tuple[str, ...]:
    """The instance's seats: the configured ones, otherwise the defaults of its providers."""
    return settings.seats or defaults({found.name for found in settings.providers})


def pool_of(settings: Settings) -> tuple[str, ...]:
    """The models for a repository that names none: all of the instance's seats, otherwise a selection from these for each change."""
    return settings.seats or pool({found.name for found in settings.providers})


def named_chair(config: RepositoryConfig) -> str:
    """The model that the repository names to write the summary, or "" for the first seat.

    The chair reads the findings, so a model of a vendor that the repository does not allow is not used.
    """
    return config.chair if config.chair != "auto" and config.privacy.allows(vendor_of(config.chair)) else ""


def model_of(settings: Settings, name: str, reach: ModelRoute | None = None) -> Model:
    """The bare model with that name, or one that reports which key is missing. `reach` is shared by the models of a run."""
    provider = settings.provider(provider_of(name))
    if provider is None:
        return UnconfiguredModel(name)
    reach = reach or ModelRoute(settings)
    host = reach.hosts.of(name, provider.base_url)
    # Only Ollama takes its window from the request. The others have their own.
    window = partial(reach.windows.tokens, name) if provider_of(name) == "ollama" else None
    return LiteLLMModel(name, provider.key or None, provider.base_url or None, provider.arguments, host=host, window=window)


def routes_for(settings: Settings, config: RepositoryConfig, name: str) -> tuple[str, ...]:
    """The model strings to try for a seat in turn, itself first.

    A route without a known price would be rejected by the budget, and the repository's forbidden vendors are left out.
    """
    if settings.fallback == "off" or settings.provider(provider_of(name)) is None:
        return (name,)
    others = model_routes(name, {found.name for found in settings.providers}, settings.fallback)[1:]
    return (name, *(other for other in others if price(other) and config.privacy.allows(vendor_of(other))))
