"""Manages the notification channels of a repository or an organization. They are stored encrypted and decrypted only to send."""

import secrets as randomness
from collections.abc import Callable
from dataclasses import dataclass

from app.configuration.settings import Settings
from app.errors import UserError
from app.notifications.channel import ChannelKind, ChannelRules, ChannelTarget, read_target
from app.notifications.delivering import NO_MAIL_SERVER
from app.store import notifications
from app.store.engine.database import Database
from app.store.notifications import LastMessage
from app.store.security import secrets
from app.store.security.secrets import NewSecret, SecretSummary
from app.store.security.vault import Unsealable, Vault


@dataclass(frozen=True)
class ChannelSlot:
    """A channel on the page: what is stored of it, the organization's channel that applies otherwise, and how its last message went."""

    kind: ChannelKind
    kept: SecretSummary | None
    above: SecretSummary | None
    last: LastMessage | None
    problem: str = ""


@dataclass(frozen=True)
class Channels:
    """The channels of one scope. `above` is the organization's scope for a repository, and "" for an organization."""

    settings: Settings
    database: Database
    vault: Callable[[], Vault]
    scope: str
    above: str = ""

    async def slots(self) -> tuple[ChannelSlot, ...]:
        """Every kind of channel."""
        async with self.database.read() as connection:
            kept = {secret.name: secret for secret in await secrets.list_secrets(connection, self.scope)}
            above = {secret.name: secret for secret in await secrets.list_secrets(connection, self.above)} if self.above else {}
            last = await notifications.last_messages(connection, self.scope)
        problem = "" if self.settings.mail.host else NO_MAIL_SERVER
        return tuple(
            ChannelSlot(kind, kept.get(kind), above.get(kind), last.get(kind), problem if kind is ChannelKind.EMAIL else "")
            for kind in ChannelKind
        )

    def enter(self, kind: ChannelKind, text: str) -> tuple[NewSecret, ChannelTarget]:
        """What a person entered, checked and ready to store. Raises UserError with what is wrong."""
        if kind is ChannelKind.EMAIL and not self.settings.mail.host:
            raise UserError(NO_MAIL_SERVER)
        rules = ChannelRules(self.settings.internal_hosts, self.settings.mail.domains)
        target = read_target(kind, text, randomness.token_hex(32), rules)
        return NewSecret(self.scope, kind.value, target.model_dump_json(), target.hint), target

    async def open(self, kind: ChannelKind) -> ChannelTarget | None:
        """The target of a channel, None if it was removed. Raises UserError if it cannot be decrypted."""
        async with self.database.read() as connection:
            try:
                text = (await secrets.open_secrets(connection, self.vault(), self.scope)).get(kind.value)
            except Unsealable:
                raise UserError("The channel was encrypted with a different COUNCIL_MASTER_KEY. Enter it again.") from None
        return ChannelTarget.model_validate_json(text) if text else None
