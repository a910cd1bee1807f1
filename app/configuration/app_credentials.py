"""Stores the App's credentials from the set-up page and reads them. The environment takes precedence."""

import asyncio

from app.configuration.settings import Settings
from app.errors import SettingsError
from app.github.manifest import Registered
from app.store.engine.database import Database
from app.store.security import secrets
from app.store.security.secrets import INSTANCE, NewSecret
from app.store.security.vault import Unsealable, Vault, open_vault

_WAIT_SECONDS = 2.0


async def store_credentials(database: Database, vault: Vault, registered: Registered, login: str, now: float) -> None:
    """Store the credentials, which GitHub returns only once."""
    async with database.write() as connection:
        for name, text in vars(registered).items():
            await secrets.save_secret(connection, vault, NewSecret(INSTANCE, f"app.{name}", str(text)), login, now)


async def complete_settings(settings: Settings, database: Database, vault: Vault) -> Settings:
    """The settings, with missing values taken from the store. Raises SettingsError if another master key sealed them."""
    if settings.app_id or settings.private_key:
        return settings
    async with database.read() as connection:
        # Without stored values, the master key is not needed.
        if not await secrets.list_secrets(connection, INSTANCE):
            return settings
        try:
            kept = await secrets.open_secrets(connection, vault, INSTANCE)
        except Unsealable:
            raise SettingsError(
                "the App's stored credentials were sealed with another master key: set APP_ID, PRIVATE_KEY, WEBHOOK_SECRET,"
                " GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET, as the App's page on GitHub has them, or bring the right key"
            ) from None
    if "app.app_id" not in kept:
        return settings
    stored = {name.removeprefix("app."): text for name, text in kept.items() if name.startswith("app.")}
    secret = stored.pop("webhook_secret", "")
    known = {
        name: text for name, text in stored.items() if name in Settings.model_fields and (name in _HOSTS or not getattr(settings, name))
    }
    if settings.public_url:
        known.pop("public_url", None)
    return settings.model_copy(update={**known, "webhook_secrets": settings.webhook_secrets or (secret,)})


async def wait_for_credentials(settings: Settings, database: Database) -> Settings:
    """The settings, once somebody has set this server up."""
    vault = open_vault(settings.master_key, settings.data)
    while not (found := await complete_settings(settings, database, vault)).is_set_up:  # noqa: ASYNC110
        # Another process stores them, and both share only the database.
        await asyncio.sleep(_WAIT_SECONDS)
    return found


# The App belongs to one GitHub: a default must not send its key to another.
_HOSTS = frozenset({"github_api_url", "github_web_url"})
