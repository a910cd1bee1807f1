"""Who made a model, read from its model string, and which models sit when nobody chose."""

import json
import re
from collections.abc import Collection
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
}
# What OpenRouter calls the makers that can also be asked directly.
_MAKERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "mistral": "mistralai",
    "deepseek": "deepseek",
    "xai": "x-ai",
}
_LOCAL = frozenset({"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "llamafile"})


def provider(model: str) -> str:
    """The part before the first slash: whose key and host are used."""
    return model.split("/", 1)[0] if "/" in model else ""


def is_local(model: str) -> bool:
    """Whether the model runs on the operator's own machines, where tokens cost nothing."""
    return provider(model) in _LOCAL


def vendor(model: str) -> str:
    """Who trained it, whichever provider serves it: models of one vendor err alike."""
    name = model.rsplit("/", 1)[-1].lower()
    for family, prefixes in _FAMILIES:
        if name.startswith(prefixes):
            return family
    maker = model.split("/")[-2] if "/" in model else name
    return _ALIASES.get(maker, maker)


def ways(model: str, providers: Collection[str], local: str = "") -> tuple[str, ...]:
    """The model strings to ask in turn: itself, the same model directly or through OpenRouter, then the operator's local one.

    Only providers in `providers` are named after the first.
    """
    at, _, rest = model.partition("/")
    other = ""
    if at in _MAKERS:
        # OpenRouter writes claude-opus-5.5 where Anthropic writes claude-opus-5-5.
        name = re.sub(r"-(\d+)-(\d+)$", r"-\1.\2", rest) if at == "anthropic" else rest
        other = f"openrouter/{_MAKERS[at]}/{name}"
    elif at == "openrouter":
        maker, _, name = rest.partition("/")
        direct = next((each for each, known in _MAKERS.items() if known == maker), "")
        other = f"{direct}/{name.replace('.', '-') if direct == 'anthropic' else name}" if direct and ":" not in name else ""
    more = [each for each in (other, local) if each and _account(each) in providers]
    return tuple(dict.fromkeys([model, *more]))


def _account(model: str) -> str:
    return "ollama" if provider(model) == "ollama_chat" else provider(model)


def defaults(providers: Collection[str], limit: int = 4) -> tuple[str, ...]:
    """The seats for the providers that have a key: two models of a single vendor, three through OpenRouter, else each provider's best."""
    table: dict[str, list[str]] = json.loads(resources.files(__package__).joinpath("defaults.json").read_text(encoding="utf-8"))[
        "providers"
    ]
    known = [name for name in table if name in providers]
    if len(known) == 1:
        return tuple(table[known[0]])
    direct = [name for name in known if name != "openrouter"]
    if len(direct) == 1:
        # One vendor of its own and OpenRouter: the other vendors come through OpenRouter.
        own = table[direct[0]][0]
        return (own, *(each for each in table["openrouter"] if vendor(each) != vendor(own)))[:limit]
    return tuple(table[name][0] for name in direct)[:limit]
