"""Renders a notification as an e-mail, in plain text and plain HTML. Change the e-mail here."""

import html
from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP

from app.notifications.notification import Notification
from app.notifications.text import defuse, flatten


def write_mail(notification: Notification, sender: str, addresses: Sequence[str], delivery_id: str) -> EmailMessage:
    """The e-mail. Its Message-ID is the delivery's, so that a repetition is recognized."""
    found = notification
    lines = [defuse(line) for line in (found.place, found.title) if line]
    details = [defuse(line) for line in found.details]
    mail = EmailMessage(policy=SMTP)
    # A line break in a header would start another header. `flatten` leaves none, and the policy refuses any other.
    mail["Subject"] = flatten(f"Council: {found.headline} · {found.place}", 180)
    mail["From"] = sender
    mail["To"] = ", ".join(addresses)
    mail["Message-ID"] = f"<council.{delivery_id}@{_host(sender)}>"
    mail["Auto-Submitted"] = "auto-generated"
    bullets = [f"- {line}" for line in details]
    mail.set_content(
        "\n".join([f"Council: {flatten(found.headline)}", "", *lines, *(["", *bullets] if bullets else []), "", found.url, ""])
    )
    mail.add_alternative(_html(found, lines, details), subtype="html")
    return mail


def _html(found: Notification, lines: Sequence[str], details: Sequence[str]) -> str:
    items = "".join(f"<li>{html.escape(line)}</li>" for line in details)
    body = "".join(f"<p>{html.escape(line)}</p>" for line in lines) + (f"<ul>{items}</ul>" if items else "")
    link = f'<p><a href="{html.escape(found.url)}">Open</a></p>'
    return f"<!doctype html><html><body><h2>Council: {html.escape(flatten(found.headline))}</h2>{body}{link}</body></html>\n"


def _host(sender: str) -> str:
    return sender.rpartition("@")[2].strip("> ") or "council.invalid"
