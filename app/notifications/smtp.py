"""Sends e-mails to the server's mail server. Change here how a connection is made.

It uses the standard library's client in a thread: a notification is one e-mail, which is not worth another SMTP client to keep up to date.
"""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage

from app.configuration.mail_server import MailServer
from app.notifications.outbound import ChannelRefused, MaybeSent, NotSent

_SECONDS = 15.0


async def send_mail(server: MailServer, mail: EmailMessage, addresses: Sequence[str]) -> None:
    """Send one e-mail. Returns when the mail server accepted it. Raises ChannelRefused, NotSent or MaybeSent."""
    await asyncio.to_thread(_send, server, mail, addresses)


async def probe_mail_server(server: MailServer) -> None:
    """Connect, encrypt and sign in, and send nothing. Raises ChannelRefused or NotSent."""
    await asyncio.to_thread(_probe, server)


def _probe(server: MailServer) -> None:
    client = _open(server)
    _close(client)


def _send(server: MailServer, mail: EmailMessage, addresses: Sequence[str]) -> None:
    client = _open(server)
    try:
        refused = client.send_message(mail, from_addr=server.sender, to_addrs=list(addresses))
    except smtplib.SMTPRecipientsRefused as error:
        code, _ = next(iter(error.recipients.values()))
        raise _judged("the mail server rejected all addresses", code) from None
    except smtplib.SMTPResponseException as error:
        raise _judged("the mail server rejected the e-mail", error.smtp_code) from None
    except (smtplib.SMTPException, OSError) as error:
        # The connection may have ended between the end of the e-mail and the answer.
        raise MaybeSent(f"the connection to the mail server was lost ({type(error).__name__})") from None
    finally:
        _close(client)
    if refused:
        raise ChannelRefused(f"The mail server rejected {len(refused)} of {len(addresses)} addresses; the others received the e-mail.")


def _open(server: MailServer) -> smtplib.SMTP:
    """A connection, encrypted as the settings say, and signed in."""
    try:
        if server.security == "tls":
            client: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_SECONDS, context=ssl.create_default_context())
        else:
            client = smtplib.SMTP(server.host, server.port, timeout=_SECONDS)
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(f"no connection to the mail server {server.host}:{server.port} ({type(error).__name__}: {error})"[:200]) from None
    try:
        if server.security == "starttls":
            client.starttls(context=ssl.create_default_context())
        if server.username:
            client.login(server.username, server.password)
    except smtplib.SMTPNotSupportedError as error:
        client.close()
        raise ChannelRefused(f"The mail server does not support SMTP_SECURITY or SMTP_USERNAME as set: {error}") from None
    except smtplib.SMTPAuthenticationError as error:
        client.close()
        raise ChannelRefused(f"The mail server rejected SMTP_USERNAME and SMTP_PASSWORD ({error.smtp_code}).") from None
    except (smtplib.SMTPException, OSError) as error:
        client.close()
        raise NotSent(f"the mail server closed the connection ({type(error).__name__}: {error})"[:200]) from None
    return client


def _judged(words: str, code: int) -> Exception:
    if 400 <= code < 500:
        return NotSent(f"{words} now ({code})")
    return ChannelRefused(f"{words[:1].upper()}{words[1:]} ({code}).")


def _close(client: smtplib.SMTP) -> None:
    try:
        client.quit()
    except (smtplib.SMTPException, OSError):
        client.close()
