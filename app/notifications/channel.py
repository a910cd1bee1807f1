"""The channels that a repository or an organization can have, and what a person enters for one. Add a kind of channel here."""

import re
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from app.errors import UserError
from reviewers.values.value import FrozenValue

_MOST_ADDRESSES = 10
_LONGEST = 2_000
# Shorter values may be words, which would be masked everywhere.
_SHORTEST = 16
# Stricter than the standard: what is left has one meaning to every mail program.
_ADDRESS = re.compile(r"[A-Za-z0-9._+-]{1,64}@(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}")


class ChannelKind(StrEnum):
    """Where a notification can go."""

    SLACK = "slack"
    TEAMS = "teams"
    WEBHOOK = "webhook"
    EMAIL = "email"

    @property
    def label(self) -> str:
        """Its name on a page."""
        return {"slack": "Slack", "teams": "Microsoft Teams", "webhook": "Webhook", "email": "E-mail"}[self.value]

    @property
    def is_repeatable(self) -> bool:
        """Whether the receiver can detect a message that is sent twice. Only then is one whose answer was lost sent again."""
        return self is ChannelKind.WEBHOOK


class ChannelTarget(FrozenValue):
    """A channel's target, all of it secret. `secret` signs the plain webhook; `addresses` are an e-mail's."""

    url: str = ""
    secret: str = ""
    addresses: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """What may never be posted or logged: the parts of the URL that cannot be guessed, and the signing secret."""
        address = urlsplit(self.url)
        parts = re.split(r"[/&=?]", f"{address.path}/{address.query}")
        return tuple(part for part in (*parts, self.secret) if len(part) >= _SHORTEST and any(sign.isdigit() for sign in part))

    @property
    def hint(self) -> str:
        """What may be shown of it: the host of a URL, or the domains of the addresses."""
        if self.url:
            return urlsplit(self.url).hostname or ""
        domains = sorted({address.rpartition("@")[2] for address in self.addresses})
        return f"{len(self.addresses)} at {', '.join(domains)}" if domains else ""


@dataclass(frozen=True)
class ChannelRules:
    """What this server allows: `internal` are hosts inside its network, `domains` the allowed mail domains, empty for all."""

    internal: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()


def read_target(kind: ChannelKind, text: str, secret: str, rules: ChannelRules) -> ChannelTarget:
    """What a person entered for a channel. Raises UserError with what is wrong. `secret` is a new one for the plain webhook."""
    if kind is ChannelKind.EMAIL:
        return ChannelTarget(addresses=_addresses(text, rules))
    return ChannelTarget(url=_url(text.strip(), rules), secret=secret if kind is ChannelKind.WEBHOOK else "")


def _url(text: str, rules: ChannelRules) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UserError("That is not a URL.") from None
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text or len(text) > _LONGEST or not parts.hostname:
        raise UserError("That is not a URL: paste it exactly as the receiving service shows it.")
    if parts.username is not None or parts.password is not None:
        raise UserError("The URL must not contain a user name or a password.")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_internal("http", parts.hostname, port, rules.internal)):
        raise UserError("The URL must start with https://.")
    return text


def _addresses(text: str, rules: ChannelRules) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part for line in text.splitlines() for part in re.split(r"[,; ]+", line.strip()) if part))
    if not found or len(found) > _MOST_ADDRESSES:
        raise UserError(f"Enter 1 to {_MOST_ADDRESSES} e-mail addresses, one per line.")
    for address in found:
        if not _ADDRESS.fullmatch(address):
            raise UserError(f"{address[:80]!r} is not an e-mail address that this server can send to.")
        if rules.domains and address.rpartition("@")[2].lower() not in rules.domains:
            raise UserError(
                f"This server sends mail only to {', '.join(rules.domains)}. An admin of the server can change SMTP_TO_DOMAINS."
            )
    return found


def is_internal(scheme: str, host: str, port: int | None, internal: tuple[str, ...]) -> bool:
    """Whether the server's admin listed a host: `name`, `name:port`, or `http://name:port` for one without encryption."""
    usual = {"http": 80, "https": 443}.get(scheme)
    name = host.lower().rstrip(".")
    prefix = "http://" if scheme == "http" else ""
    spelled = {f"{prefix}{name}:{port or usual}", *([f"{prefix}{name}"] if port in (None, usual) else [])}
    return not spelled.isdisjoint(internal)
