"""Sends one notification to one channel, in the channel's form. Add a kind of channel here."""

import json
from dataclasses import dataclass

from app.configuration.mail_server import MailServer
from app.notifications.channel import ChannelKind, ChannelTarget
from app.notifications.mail import write_mail
from app.notifications.notification import Notification
from app.notifications.outbound import ChannelRefused, OutboundGuard, post
from app.notifications.signed_webhook import sign_body, write_body
from app.notifications.slack import render_slack
from app.notifications.smtp import send_mail
from app.notifications.teams import render_teams

_JSON = {"content-type": "application/json", "user-agent": "Council"}
NO_MAIL_SERVER = "This server has no mail server. An admin of the server can set SMTP_HOST and SMTP_FROM."


@dataclass(frozen=True)
class Envelope:
    """The id of a message, the same in each attempt, when it was written, and the time of this attempt."""

    id: str
    created_at: float
    now: float


@dataclass(frozen=True)
class Outlets:
    """This server's ways to send messages."""

    mail: MailServer
    guard: OutboundGuard

    async def deliver(self, kind: ChannelKind, target: ChannelTarget, notification: Notification, envelope: Envelope) -> None:
        """Send a message. Returns when it was accepted. Raises ChannelRefused, NotSent or MaybeSent."""
        if kind is ChannelKind.EMAIL:
            await self._mail(target, notification, envelope)
        elif kind is ChannelKind.WEBHOOK:
            body = write_body(notification, envelope.id, envelope.created_at)
            signature = sign_body(target.secret, body, envelope.now)
            names = {"council-event": notification.event, "council-delivery": envelope.id, "council-signature": signature}
            await post(target.url, body, {**_JSON, **names}, self.guard)
        else:
            render = render_slack if kind is ChannelKind.SLACK else render_teams
            await post(target.url, json.dumps(render(notification)).encode(), _JSON, self.guard)

    async def _mail(self, target: ChannelTarget, notification: Notification, envelope: Envelope) -> None:
        if not self.mail.host:
            raise ChannelRefused(NO_MAIL_SERVER)
        mail = write_mail(notification, self.mail.sender, target.addresses, envelope.id)
        await send_mail(self.mail, mail, target.addresses)
