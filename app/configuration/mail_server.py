"""The mail server settings from the environment: change here which SMTP_ variables exist."""

from collections.abc import Mapping

from app.configuration.listen_address import is_loopback
from app.errors import SettingsError
from webhooks.job_base import FrozenModel

_PORTS = {"starttls": 587, "tls": 465, "none": 25}


class MailServer(FrozenModel):
    """The mail server. Without a host no e-mail is sent. `domains` are the allowed recipients' domains, empty for all."""

    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str = ""
    sender: str = ""
    domains: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"MailServer(host={self.host!r}, port={self.port}, security={self.security!r}, sender={self.sender!r})"

    __str__ = __repr__


def read_mail_server(values: Mapping[str, str]) -> MailServer:
    """The mail server of an environment. Raises SettingsError with the fix."""
    host, security = values.get("SMTP_HOST", ""), values.get("SMTP_SECURITY", "starttls").lower()
    if not host:
        return MailServer()
    if security not in _PORTS:
        raise SettingsError(f"SMTP_SECURITY is {security!r}; give starttls, tls or none")
    port, sender = values.get("SMTP_PORT", str(_PORTS[security])), values.get("SMTP_FROM", "")
    if not port.isdigit() or not 0 < int(port) < 65_536:
        raise SettingsError(f"SMTP_PORT is {port!r}, which is not a port number")
    if "@" not in sender or not sender.isprintable():
        raise SettingsError("SMTP_FROM is needed with SMTP_HOST: the address that e-mails come from, such as council@example.com")
    password = values.get("SMTP_PASSWORD", "")
    if password and security == "none" and not is_loopback(host):
        raise SettingsError("SMTP_SECURITY=none would send SMTP_PASSWORD unencrypted; set it to starttls or tls")
    domains = tuple(part.strip().lower() for part in values.get("SMTP_TO_DOMAINS", "").split(",") if part.strip())
    username = values.get("SMTP_USERNAME", "")
    return MailServer(host=host, port=int(port), security=security, username=username, password=password, sender=sender, domains=domains)


def read_internal_hosts(values: Mapping[str, str]) -> tuple[str, ...]:
    """The hosts inside the operator's network that notifications may go to: `name`, `name:port` or `http://name:port`."""
    found = tuple(part.strip().lower().rstrip("/") for part in values.get("NOTIFY_INTERNAL_HOSTS", "").split(",") if part.strip())
    for part in found:
        name = part.removeprefix("http://")
        if not name or any(sign in name for sign in "/@?# *"):
            raise SettingsError(f"NOTIFY_INTERNAL_HOSTS holds {part!r}; give names such as chat.internal or http://chat.internal:8065")
    return found
