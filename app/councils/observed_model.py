"""Measures and traces a model's calls: change here what an operator sees of a call, in OpenTelemetry's terms for GenAI."""

import json
from collections.abc import Callable

from app.configuration.provider_catalog import account_of
from app.telemetry.telemetry import OTHER, Telemetry
from app.telemetry.timings import CALL
from app.telemetry.tracer import Attribute, TraceStep
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.models.vendors import provider_of
from reviewers.values.verdict import Usage

# OpenTelemetry's names of providers that differ from ours.
_PROVIDERS = {
    "gemini": "gcp.gemini",
    "vertex_ai": "gcp.vertex_ai",
    "bedrock": "aws.bedrock",
    "azure": "azure.ai.openai",
    "mistral": "mistral_ai",
    "xai": "x_ai",
}


class ObservedModel:
    """Measures each call, without the seat's waiting, for example for a free slot at the provider."""

    def __init__(self, model: Model, telemetry: Telemetry, clock: Callable[[], float]) -> None:
        self.name = model.name
        self.vendor = model.vendor
        self._model = model
        self._telemetry = telemetry
        self._clock = clock

    async def complete(self, request: ModelRequest) -> ModelResponse:
        """The model's answer. Raises its error."""
        began, fault = self._clock(), "cancelled"
        tracer = self._telemetry.tracer
        try:
            with tracer.span(f"chat {self._own_name}", self._describe(request), role="client") as step:
                response = await self._ask(request, step)
                fault = "none"
                step.describe(_describe_answer(response))
                usage = response.usage
                provider = _PROVIDERS.get(self._provider, self._provider)
                self._telemetry.count_usage(provider, self._own_name, usage.input_tokens, usage.output_tokens, usage.cost_usd or 0.0)
                if tracer.keeps_content:
                    step.describe(_content_of(request, response))
        except ModelError as error:
            fault = error.fault.value
            raise
        finally:
            self._telemetry.observe(CALL, self._clock() - began, provider=self._provider, purpose=request.purpose, fault=fault)
        return response

    async def _ask(self, request: ModelRequest, step: TraceStep) -> ModelResponse:
        try:
            return await self._model.complete(request)
        except ModelError as error:
            step.describe(_describe_usage(error.usage))
            step.fail(error.fault.value)
            raise

    def _describe(self, request: ModelRequest) -> dict[str, Attribute]:
        return {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": _PROVIDERS.get(self._provider, self._provider),
            "gen_ai.request.model": self._own_name,
            "gen_ai.request.max_tokens": request.max_output_tokens,
            "council.model": self.name,
            "council.purpose": request.purpose,
        }

    @property
    def _own_name(self) -> str:
        return self.name.partition("/")[2] or self.name

    @property
    def _provider(self) -> str:
        """The provider's name, "other" if it is not in app/configuration/provider_catalog.py: a council.yml may name any."""
        provider_spec = account_of(provider_of(self.name))
        return provider_spec.name if provider_spec else OTHER


def _describe_answer(response: ModelResponse) -> dict[str, Attribute]:
    return {"gen_ai.response.model": response.model, "gen_ai.response.finish_reasons": [response.finish], **_describe_usage(response.usage)}


def _describe_usage(usage: Usage | None) -> dict[str, Attribute]:
    if usage is None:
        return {}
    tokens: dict[str, Attribute] = {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
    }
    return tokens if usage.cost_usd is None else tokens | {"council.cost_usd": usage.cost_usd}


def _content_of(request: ModelRequest, response: ModelResponse) -> dict[str, Attribute]:
    """The messages in the form of the conventions. Secrets were masked before."""
    asked = [_message("user", request.prefix + request.prompt)]
    for turn in request.turns:
        asked += [_message("assistant", turn.answer), _message("user", turn.reply)]
    answered = _message("assistant", response.text) | {"finish_reason": response.finish}
    return {
        "gen_ai.system_instructions": json.dumps([{"type": "text", "content": request.system}]),
        "gen_ai.input.messages": json.dumps(asked),
        "gen_ai.output.messages": json.dumps([answered]),
    }


def _message(role: str, text: str) -> dict[str, object]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}
