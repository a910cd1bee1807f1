"""Calls a model through litellm: change here what is sent, and what is read from its answers."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from types import MappingProxyType, ModuleType
from typing import Any

from reviewers.context.hidden_characters import without_broken_characters
from reviewers.models.cut_prompts import PromptCheck, tokens_of
from reviewers.models.faults import CalledModel, failures, model_error, refuses_form, refuses_sampling
from reviewers.models.hosts import AnswerForm, Host, Hosts
from reviewers.models.library import library
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.models.model_map import price
from reviewers.models.requests import answer_of, format_of, messages_of, sampling_of
from reviewers.models.vendors import is_local, provider, vendor_of
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Usage

# Sent to a local server without keys: with no key at all, litellm would send one from the environment.
_NO_KEY = "none"
# Ten times the longest answer; a host that continues is cut off there.
_MOST_CHARACTERS = 1_000_000
_LOCAL_COST: dict[str, Any] = {"mode": "chat", "input_cost_per_token": 0.0, "output_cost_per_token": 0.0}


class _Nothing(FrozenValue):
    """The answer form of a rehearsal."""


class LiteLLMModel:
    """A model by its litellm name, with an explicit key and host.

    A call is one attempt, plus another if the host refuses the answer's form.

    `more` are further arguments of litellm's call: the credentials of clouds without a single key. `host` is the memory of the host.
    `window` gives the context that Ollama must allocate: without it, Ollama would cut the prompt at its own default.
    """

    def __init__(
        self,
        name: str,
        key: str | None = None,
        base_url: str | None = None,
        more: Mapping[str, str] = MappingProxyType({}),
        host: Host | None = None,
        window: Callable[[], Awaitable[int | None]] | None = None,
    ) -> None:
        self.name = name
        self.vendor = vendor_of(name)
        self._key = key
        self._base_url = base_url
        self._more = dict(more)
        self._called = CalledModel(name, base_url or "", tuple(secret for secret in (key, *more.values()) if secret))
        self._host = host or Hosts().of(name, base_url or "")
        self._window = window

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """One call without retries; every failure is a ModelError without the key."""
        litellm = await asyncio.to_thread(library)
        if is_local(self.name):
            # For a model that its map does not contain, litellm asks the server and blocks the event loop while it waits.
            litellm.model_cost.setdefault(self.name, _LOCAL_COST | {"litellm_provider": provider(self.name)})
        check = PromptCheck(self._host, request)
        try:
            async with asyncio.timeout(request.seconds):
                response = await self._answer(litellm, request)
        except TimeoutError as error:
            raise ModelError(CallFault.TIMEOUT, f"no answer within {request.seconds:.0f} s") from error
        return await asyncio.to_thread(self._read, response, check)

    async def _answer(self, litellm: ModuleType, request: ModelRequest) -> Any:  # noqa: ANN401 - litellm's shape ends in _read
        """The host's answer in the strictest form that it accepts, which is remembered."""
        while True:
            form = self._host.form
            try:
                return await self._call(litellm, request, form)
            except failures(litellm) as error:
                if refuses_sampling(error) and self._host.sampling:
                    self._host.sampling = False
                elif form.looser is not None and refuses_form(error):
                    self._host.form = form.looser
                else:
                    # The chain could contain the key.
                    raise model_error(litellm, error, self._called) from None

    async def _call(self, litellm: ModuleType, request: ModelRequest, form: AnswerForm) -> Any:  # noqa: ANN401 - see above
        more = sampling_of(self.name, request) if self._host.sampling else {}
        if self._window is not None and (window := await self._window()):
            # Ollama would cut the prompt without an error.
            if (tokens := await asyncio.to_thread(tokens_of, request)) > window:
                said = f"{self.name}: its prompt of {tokens:,} tokens does not fit its context of {window:,}"
                raise ModelError(CallFault.MISCONFIGURED, said, too_long=True)
            more["num_ctx"] = window
        return await litellm.acompletion(
            model=self.name,
            messages=messages_of(self.name, request, form),
            response_format=format_of(answer_of(self.name, request), form),
            max_tokens=request.max_output_tokens,
            **self._access(),
            **more,
            timeout=request.seconds,
            num_retries=0,
            max_retries=0,
            drop_params=True,
        )

    def _access(self) -> dict[str, str | None]:
        """Key, host and further credentials, each passed explicitly."""
        # Bedrock and Vertex would treat any key as a token.
        key = self._key or (None if self._more else _NO_KEY)
        return {"api_key": key, "api_base": self._base_url} | self._more

    def _read(self, response: Any, check: PromptCheck) -> ModelResponse:  # noqa: ANN401 - litellm's shape ends here
        choices = getattr(response, "choices", None) or []
        if not choices:
            raise ModelError(CallFault.UNAVAILABLE, f"{self.name} sent an empty answer")
        message = choices[0].message
        finish = str(choices[0].finish_reason or "stop")
        text = message.content or _tool_arguments(message)
        refusal = getattr(message, "refusal", None) or (getattr(message, "provider_specific_fields", None) or {}).get("refusal")
        usage = self._usage(response)
        if not text and (refusal or finish == "content_filter"):
            raise ModelError(CallFault.REFUSED, f"{self.name} refused to answer", usage=usage)
        details = getattr(getattr(response, "usage", None), "prompt_tokens_details", None)
        if len(text or "") > _MOST_CHARACTERS:
            text, finish = text[:_MOST_CHARACTERS], "length"
        return ModelResponse(
            text=without_broken_characters(text or ""),
            finish=finish,
            usage=usage,
            model=without_broken_characters(str(getattr(response, "model", "") or self.name)),
            prompt_cut=check.is_cut(usage, getattr(details, "cached_tokens", None) is not None),
        )

    def _usage(self, response: Any) -> Usage:  # noqa: ANN401 - litellm's shape ends here
        raw = getattr(response, "usage", None)
        details = getattr(raw, "prompt_tokens_details", None)
        usage = Usage(
            calls=1,
            input_tokens=int(getattr(raw, "prompt_tokens", 0) or 0),
            cached_tokens=int(getattr(details, "cached_tokens", 0) or 0),
            output_tokens=int(getattr(raw, "completion_tokens", 0) or 0),
        )
        return usage.model_copy(update={"cost_usd": self._cost(response, usage)})

    def _cost(self, response: Any, usage: Usage) -> float | None:  # noqa: ANN401 - litellm's shape ends here
        if is_local(self.name):
            return 0.0
        if not usage.input_tokens and not usage.output_tokens:
            # The host reported no usage: the budget books the reserved amount.
            return None
        known = (getattr(response, "_hidden_params", None) or {}).get("response_cost")
        # 0.0 is litellm's price for a paid model that its map does not contain.
        if isinstance(known, int | float) and known > 0:
            return float(known)
        found = price(self.name)
        return found.of(usage) if found else None


async def rehearse(models: Iterable[str]) -> None:
    """Call each model once at a port that refuses, so that the first real call does not block the event loop.

    litellm and the OpenAI client load a vendor's code at its first call, which takes up to a second during which no lease is renewed.
    """
    with socket.socket() as closed:
        # Bound but not listening, so that no other process can answer there.
        closed.bind(("127.0.0.1", 0))
        request = ModelRequest(purpose="rehearsal", system="-", prefix="", prompt="-", answer=_Nothing, seconds=5.0)
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        for name in models:
            with contextlib.suppress(ModelError):
                await LiteLLMModel(name, _NO_KEY, nowhere).complete(request)


def _tool_arguments(message: Any) -> str:  # noqa: ANN401 - litellm's shape ends here
    """The answer of providers without JSON schemas, which litellm requests through a forced tool call."""
    calls = getattr(message, "tool_calls", None) or []
    return str(calls[0].function.arguments or "") if calls else ""
