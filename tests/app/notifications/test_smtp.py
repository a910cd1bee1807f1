"""E-mail with a mail server on loopback: what arrives, and the results of its refusals."""

import pytest

from app.configuration.mail_server import MailServer
from app.errors import CouncilError
from app.notifications.mail import write_mail
from app.notifications.outbound import ChannelRefused, NotSent
from app.notifications.smtp import probe_mail_server, send_mail
from tests.app.notifications.receivers import MailReceiver
from tests.app.notifications.test_snapshots import HOSTILE

TO = ("ada@example.com",)


def _server(receiver: MailReceiver, **more: str) -> MailServer:
    values = {"security": "none", "sender": "Council <council@example.com>", **more}
    return MailServer.model_validate({"host": "127.0.0.1", "port": receiver.port, **values})


async def test_a_hostile_title_starts_no_header() -> None:
    async with MailReceiver().serving() as receiver:
        await send_mail(_server(receiver), write_mail(HOSTILE, "Council <council@example.com>", TO, "01K"), TO)
    [mail] = receiver.mails
    assert receiver.addresses == ["ada@example.com"] and mail["bcc"] is None and mail["message-id"] == "<council.01K@example.com>"


@pytest.mark.parametrize(("refusal", "kind"), [("451 later", NotSent), ("550 never", ChannelRefused)])
async def test_a_refusal_is_temporary_or_permanent(refusal: str, kind: type[CouncilError]) -> None:
    async with MailReceiver(refusal=refusal).serving() as receiver:
        with pytest.raises(kind, match=refusal[:3]):
            await send_mail(_server(receiver), write_mail(HOSTILE, "a@example.com", TO, "01K"), TO)


async def test_the_probe_tells_what_is_wrong() -> None:
    async with MailReceiver().serving() as receiver:
        await probe_mail_server(_server(receiver))
        with pytest.raises(ChannelRefused, match="SMTP_SECURITY"):
            await probe_mail_server(_server(receiver, security="starttls"))
    with pytest.raises(NotSent, match="no connection"):
        await probe_mail_server(_server(receiver))
