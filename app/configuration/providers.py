"""A provider as this instance is configured: its key, host and credentials, and which of them are secret."""

import json

from app.configuration.provider_catalog import Variable, account_of
from webhooks.job_base import FrozenModel


class ConfiguredProvider(FrozenModel):
    """A model provider that this instance may call. `base_url` is "" for the vendor's own host, `key` is "" for a local one.

    `more` are credentials that are not a single key, by the name of their variable (app/configuration/provider_catalog.py).
    """

    name: str
    key: str
    base_url: str
    more: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return f"Provider({self.name!r})"

    __str__ = __repr__

    @property
    def arguments(self) -> dict[str, str]:
        """The arguments of a call in addition to key and host."""
        known = {variable.name: variable.argument for variable in self._variables}
        return {known[name]: value for name, value in self.more}

    @property
    def environment(self) -> dict[str, str]:
        """The variables that it was read from."""
        keys = {variable.name: self.key for variable in self._variables if variable.argument == "api_key" and self.key}
        account = account_of(self.name)
        bases = {account.base: self.base_url} if account and account.base and self.base_url else {}
        return keys | bases | dict(self.more)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may never be posted or logged."""
        hidden = {variable.name for variable in self._variables if variable.secret}
        values = (self.key, *(value for name, value in self.more if name in hidden))
        # In a service account, the private key would leak, line by line or whole.
        return tuple(each for value in values if value for each in (value, *_private_keys(value)))

    @property
    def _variables(self) -> tuple[Variable, ...]:
        account = account_of(self.name)
        return account.variables if account else ()


def _private_keys(value: str) -> tuple[str, ...]:
    if not value.startswith("{"):
        return ()
    try:
        held = json.loads(value)
    except ValueError:
        return ()
    key = held.get("private_key", "") if isinstance(held, dict) else ""
    return (str(key), *(line for line in str(key).splitlines() if len(line) >= 32)) if key else ()
