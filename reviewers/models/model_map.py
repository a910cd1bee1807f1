"""Looks up models in litellm's bundled map: prices, windows and abilities, by the names that Council uses."""

from collections.abc import Iterator
from typing import Any

from reviewers.models.library import library
from reviewers.models.price import FREE, Price
from reviewers.models.vendors import is_local, provider
from reviewers.values.value import FrozenValue

# Providers whose models are also in the map without the provider before the slash.
_BARE = ("openai", "anthropic", "bedrock", "vertex_ai")


class ModelFacts(FrozenValue):
    """The facts about a model in litellm's bundled map: its windows in tokens, its abilities, and its retirement date (YYYY-MM-DD)."""

    window: int | None = None
    output: int | None = None
    reasons: bool = False
    retires: str = ""
    chats: bool = True


def price(model: str) -> Price | None:
    """A model's price; free if it is local, None if litellm's bundled map does not contain it."""
    if is_local(model):
        return FREE
    for entry in _entries(model):
        paid = entry.get("input_cost_per_token"), entry.get("output_cost_per_token")
        if all(isinstance(none, int | float) and none > 0 for none in paid):
            return Price(
                input=paid[0],
                output=paid[1],
                cached=entry.get("cache_read_input_token_cost"),
                written=entry.get("cache_creation_input_token_cost"),
            )
    return None


def model_facts(model: str) -> ModelFacts | None:
    """The facts about a model apart from its price; None if litellm's bundled map does not contain it."""
    entry = next(iter(_entries(model)), None)
    if entry is None:
        return None
    return ModelFacts(
        window=entry.get("max_input_tokens") or entry.get("max_tokens"),
        output=entry.get("max_output_tokens") or entry.get("max_tokens"),
        reasons=bool(entry.get("supports_reasoning")),
        retires=str(entry.get("deprecation_date") or ""),
        chats=entry.get("mode", "chat") in ("chat", "responses", "completion"),
    )


def list_models(at: str) -> tuple[str, ...]:
    """Every chat model of a provider in litellm's bundled map, by the name that Council uses."""
    table: dict[str, dict[str, Any]] = library().model_cost
    # The map separates the two interfaces of Bedrock, and the makers that Vertex serves.
    kinds = {at, "bedrock_converse"} if at == "bedrock" else {at}
    found = (
        name if name.startswith(f"{at}/") else f"{at}/{name}"
        for name, entry in table.items()
        if str(entry.get("litellm_provider", "")).split("-", 1)[0] in kinds and entry.get("mode") in ("chat", "responses")
    )
    return tuple(sorted(dict.fromkeys(found)))


def host(at: str) -> str:
    """The address that litellm uses for a provider, "" if its code or a setting decides."""
    return str(library().get_llm_provider(f"{at}/-")[3] or "")


def _entries(model: str) -> Iterator[dict[str, Any]]:
    table: dict[str, dict[str, Any]] = library().model_cost
    return (table[name] for name in _names(model) if name in table)


def _names(model: str) -> list[str]:
    """Keys of the map, the most specific first. OpenRouter charges its vendors' prices, under names with dots instead of dashes."""
    bare = model.split("/", 1)[-1]
    names = [model, bare] if provider(model) in _BARE else [model]
    if provider(model) == "openrouter" and "/" in bare:
        maker, name = bare.split("/", 1)
        dashed = name.replace(".", "-") if maker == "anthropic" else name
        at = {"google": "gemini", "x-ai": "xai", "mistralai": "mistral"}.get(maker, maker)
        names += [f"{at}/{dashed}", *([dashed] if maker in ("openai", "anthropic") else [])]
    return names
