"""Who made a model, read from its model string, and which models sit when nobody chose."""

import json
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
