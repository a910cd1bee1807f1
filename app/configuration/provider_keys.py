"""Manages the provider keys of an organization. They are stored encrypted, never shown, and used only for its own repositories."""

from collections.abc import Callable
from dataclasses import dataclass

from app.configuration.environment_values import SHORTEST_SECRET
from app.configuration.provider_catalog import ACCOUNTS, account_of
from app.configuration.provider_key_check import PROBES, key_refusal
from app.configuration.providers import ConfiguredProvider
from app.configuration.settings import Settings
from app.errors import SettingsError, UserError
from app.store.engine.database import Database
from app.store.security import secrets
from app.store.security.secrets import NewSecret, SecretSummary
from app.store.security.vault import Unsealable, Vault

_LONGEST = 500


@dataclass(frozen=True)
class Slot:
    """A provider on the page: what is stored of the organization's key, and whether this server has one."""

    name: str
    title: str
    kept: SecretSummary | None
    shared: bool


@dataclass(frozen=True)
class Keyring:
    """The keys of one installation. `settings` are this server's, and `vault` is opened only if there are keys."""

    settings: Settings
    database: Database
    vault: Callable[[], Vault]
    installation_id: int

    @property
    def _scope(self) -> str:
        return secrets.keys_of(self.installation_id)

    async def slots(self) -> tuple[Slot, ...]:
        """Every provider for which an organization may bring a key."""
        async with self.database.read() as connection:
            kept = {secret.name: secret for secret in await secrets.list_secrets(connection, self._scope)}
        offered = (account for account in ACCOUNTS if account.name in PROBES)
        return tuple(Slot(spec.name, spec.title, kept.get(spec.name), self.settings.provider(spec.name) is not None) for spec in offered)

    async def check(self, provider: str, key: str) -> None:
        """Raise UserError for a key that cannot be valid or that its provider rejects, and Unavailable if the provider does not answer."""
        if provider not in PROBES:
            raise UserError("A key of this provider cannot be set here.")
        if not key or len(key) > _LONGEST or not key.isascii() or not key.isprintable() or " " in key:
            raise UserError("That doesn't look like an API key: keys have letters, digits and symbols, but no spaces.")
        if len(key) < SHORTEST_SECRET:
            raise UserError(f"That key is too short: a key has at least {SHORTEST_SECRET} characters. Nothing was saved.")
        if line := await key_refusal(provider, self._base(provider), key):
            raise UserError(f"{line}. Nothing was saved.")

    def new(self, provider: str, key: str) -> NewSecret:
        """A key, ready to store. Its last four letters may be shown if they are a small part of it."""
        return NewSecret(self._scope, provider, key, f"…{key[-4:]}" if len(key) >= 20 else "…")

    async def merged(self) -> Settings:
        """This server's settings, with the organization's keys replacing its own."""
        async with self.database.read() as connection:
            # Without stored keys, the master key is not needed.
            if not await secrets.list_secrets(connection, self._scope):
                return self.settings
            try:
                kept = await secrets.open_secrets(connection, self.vault(), self._scope)
            except Unsealable:
                raise SettingsError("The organization's provider keys were encrypted with a different COUNCIL_MASTER_KEY.") from None
        mine = tuple(
            ConfiguredProvider(name=name, key=key, base_url=self._base(name)) for name, key in sorted(kept.items()) if account_of(name)
        )
        others = tuple(provider for provider in self.settings.providers if provider.name not in kept)
        return self.settings.model_copy(update={"providers": (*mine, *others), "payer": self._scope})

    def _base(self, provider: str) -> str:
        # Only this server decides which host is called: a key's owner must not choose where it is sent.
        found = self.settings.provider(provider)
        return found.base_url if found else ""
