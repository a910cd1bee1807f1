"""Advises an instance without a model what to set first."""

from app.configuration.provider_catalog import ACCOUNTS
from app.configuration.settings import Settings
from app.councils.context_windows import list_served_models
from reviewers.models.vendors import is_local

_SHOWN = 6
_KEYS = "OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or OPENROUTER_API_KEY"


async def first_step(settings: Settings) -> str:
    """What to set so that a model can be called. For your own servers, it includes the models they serve."""
    own = [provider for provider in settings.providers if is_local(f"{provider.name}/")]
    if not own:
        return f"set {_KEYS}, or the base URL of your own model server: {', '.join(_bases())}"
    said = []
    for provider in own:
        names = await list_served_models(provider)
        where = f"{provider.name} at {provider.base_url}"
        if names:
            more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
            said.append(f"{where} serves {', '.join(names[:_SHOWN])}{more}: set COUNCIL_SEATS={','.join(names[:3])}")
        else:
            said.append(f"{where} does not list its models: start it, load a model, and check the base URL")
    return "; ".join(said)


def _bases() -> list[str]:
    return [account.base for account in ACCOUNTS if account.base and is_local(f"{account.name}/")]
