"""Applies a command's arguments: the last layer of preferences, and a limit that can only be lowered."""

from collections.abc import Sequence

from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.councils.model_routes import seat_names
from app.errors import UserError
from app.reporters.text.safety import code
from reviewers.council.presets import Preset
from reviewers.models.vendors import names_address, provider, short_names, vendor_of
from webhooks.jobs import Arguments


def apply_arguments(config: RepositoryConfig, given: Arguments, settings: Settings) -> RepositoryConfig:
    """The config with the arguments applied. Raises UserError for a model that this server cannot call here."""
    changed: dict[str, object] = {}
    if given.preset:
        # The seats of a lower layer must not override a preset that this command names.
        changed |= {"preset": Preset(given.preset), "seats": ()}
    if given.models:
        changed["seats"] = tuple(_model(name, config, settings) for name in given.models)
    if given.budget_usd is not None:
        cap = config.limits.run_usd
        changed["limits"] = config.limits.model_copy(update={"run_usd": given.budget_usd if cap is None else min(cap, given.budget_usd)})
    return config.model_copy(update=changed) if changed else config


def _model(name: str, config: RepositoryConfig, settings: Settings) -> str:
    """The full name of a model, from a seat's short name or a model string of a provider that has a key."""
    if names_address(name):
        raise UserError(f"{code(name[:80])} is an address; use a model's name, such as `openai/gpt-5.5`.")
    full = _by_short_name(name, (*config.seats, *seat_names(settings))) or name
    wanted = provider(full)
    if settings.provider("ollama" if wanted == "ollama_chat" else wanted) is None:
        known = ", ".join(code(short) for short in short_names(seat_names(settings)))
        raise UserError(
            f"This server cannot call {code(name[:80])}. It knows {known or 'no models yet'} and other models of its providers."
        )
    if not config.privacy.allows(vendor_of(full)):
        raise UserError(f"This repository does not allow the vendor of {code(name[:80])} (`privacy.vendors`).")
    return full


def _by_short_name(name: str, among: Sequence[str]) -> str:
    return next((full for full in among if name in (full, full.rsplit("/", 1)[-1])), "")
