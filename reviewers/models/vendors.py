"""Finds a model's vendor from its model string, and chooses the default models of the seats."""

import json
import re
from collections.abc import Collection, Sequence
from importlib import resources

_FAMILIES = (
    ("openai", ("gpt", "o1", "o3", "o4", "codex", "chatgpt")),
    ("anthropic", ("claude",)),
    ("google", ("gemini", "gemma")),
    ("mistral", ("mistral", "devstral", "codestral", "ministral", "mixtral", "magistral")),
    ("deepseek", ("deepseek",)),
    ("xai", ("grok",)),
    ("moonshot", ("kimi", "moonshot")),
    ("alibaba", ("qwen", "qwq")),
    ("meta", ("llama", "muse")),
    ("zhipu", ("glm",)),
    ("minimax", ("minimax",)),
    ("cohere", ("command",)),
)
_ALIASES = {
    "gemini": "google",
    "vertex_ai": "google",
    "meta-llama": "meta",
    "mistralai": "mistral",
    "x-ai": "xai",
    "moonshotai": "moonshot",
    "z-ai": "zhipu",
    "dashscope": "alibaba",
    "qwen": "alibaba",
    "zai": "zhipu",
}
# OpenRouter's names of the makers that can also be asked directly.
_MAKERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "mistral": "mistralai",
    "deepseek": "deepseek",
    "xai": "x-ai",
}
_REGIONS = frozenset({"us", "eu", "apac", "global", "jp", "au", "us-gov", "ca"})
# Signs of URLs that no model's name contains: an @ may precede a host, but also a version (claude-opus-4-5@20251101).
_NAMED = re.compile(r"[A-Za-z0-9][\w.:/+-]*(?:@[\w-]*)?\Z", re.ASCII)
_LOCAL = frozenset({"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "llamafile"})


def provider(model: str) -> str:
    """The part before the first slash: the provider whose key and host are used."""
    return model.split("/", 1)[0] if "/" in model else ""


def names_address(model: str) -> bool:
    """Whether a model string contains an address, or leaves or ends a path: some providers' clients would go there, with the key."""
    return "//" in model or ".." in model or not _NAMED.match(model)


def is_local(model: str) -> bool:
    """Whether the model runs on the operator's own machines, where tokens cost nothing."""
    return provider(model) in _LOCAL


def vendor_of(model: str) -> str:
    """The vendor that trained it, whichever provider serves it: models of one vendor make similar errors."""
    name = model.rsplit("/", 1)[-1].lower()
    if provider(model) == "bedrock":
        # us.anthropic.claude-opus-4-5-20251101-v1:0, or without the region.
        parts = [part for part in name.split(".") if part not in _REGIONS]
        return _ALIASES.get(parts[0], parts[0])
    if known := family_of(model):
        return known
    maker = model.split("/")[-2] if "/" in model else name
    return _ALIASES.get(maker, maker)


def family_of(model: str) -> str:
    """The vendor of a known family of models, or ""."""
    name = model.rsplit("/", 1)[-1].lower()
    return next((maker for maker, prefixes in _FAMILIES if name.startswith(prefixes)), "")


def model_routes(model: str, providers: Collection[str], local: str = "") -> tuple[str, ...]:
    """The model strings to ask in turn: itself, the same model directly or through OpenRouter, then the operator's local one.

    After the first, only providers in `providers` are named.
    """
    at, _, rest = model.partition("/")
    other = ""
    if at in _MAKERS:
        # OpenRouter writes claude-opus-5.5 for Anthropic's claude-opus-5-5.
        name = re.sub(r"-(\d+)-(\d+)$", r"-\1.\2", rest) if at == "anthropic" else rest
        other = f"openrouter/{_MAKERS[at]}/{name}"
    elif at == "openrouter":
        maker, _, name = rest.partition("/")
        direct = next((each for each, known in _MAKERS.items() if known == maker), "")
        other = f"{direct}/{name.replace('.', '-') if direct == 'anthropic' else name}" if direct and ":" not in name else ""
    more = [each for each in (other, local) if each and provider_of(each) in providers]
    return tuple(dict.fromkeys([model, *more]))


def provider_of(model: str) -> str:
    """The provider whose key pays for a model, under its name in the settings."""
    return "ollama" if provider(model) == "ollama_chat" else provider(model)


def circuit_key(model: str) -> str:
    """The key under which failures count together: all models of a provider key; on a local server, each model alone.

    There, a model that does not fit into memory answers 500 to every call, which says nothing about the next model.
    """
    return model if is_local(model) else provider_of(model) or model


def pool(providers: Collection[str]) -> tuple[str, ...]:
    """The candidates for the providers that have a key, best first: the defaults, then each provider's others.

    A vendor that can be asked directly is not asked through OpenRouter.
    """
    table = _table()
    direct = {vendor_of(name) for at, names in table.items() if at in providers and at != "openrouter" for name in names}
    others = [
        name for at, names in table.items() if at in providers for name in names if at != "openrouter" or vendor_of(name) not in direct
    ]
    return tuple(dict.fromkeys([*defaults(providers), *others]))


def suggested_models() -> tuple[str, ...]:
    """Every default model, for all providers, with or without a key."""
    return tuple(name for names in _table().values() for name in names)


def _table() -> dict[str, list[str]]:
    """The models of each provider, the best first, and the second best second."""
    found: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath("defaults.json").read_text(encoding="utf-8"))[
        "providers"
    ]
    return found


def defaults(providers: Collection[str], limit: int = 4) -> tuple[str, ...]:
    """The seats for the providers that have a key: two models of a single vendor, three through OpenRouter, else each provider's best."""
    table = _table()
    known = [name for name in table if name in providers]
    if len(known) == 1:
        # OpenRouter's first three are of three vendors.
        return tuple(table[known[0]][: 3 if known[0] == "openrouter" else 2])
    direct = [name for name in known if name != "openrouter"]
    if len(direct) == 1:
        # A single vendor and OpenRouter: the other vendors come through OpenRouter.
        own = table[direct[0]][0]
        return (own, *(each for each in table["openrouter"] if vendor_of(each) != vendor_of(own)))[:limit]
    return tuple(table[name][0] for name in direct)[:limit]


def short_names(names: Sequence[str]) -> list[str]:
    """The names for people: the last part of a model string if it is unique; a model with several seats is numbered."""
    last = [name.rsplit("/", 1)[-1] for name in dict.fromkeys(names)]
    shown = [name if last.count(name.rsplit("/", 1)[-1]) > 1 else name.rsplit("/", 1)[-1] for name in names]
    return [name if number == 1 else f"{name} ({number})" for name, number in zip(shown, number_repeats(names), strict=True)]


def number_repeats(names: Sequence[str]) -> list[int]:
    """For each name, its number among equal ones: 1 if it occurs once."""
    return [names[: at + 1].count(name) for at, name in enumerate(names)]
