"""The mail check of `council doctor`: a configured server must answer, encrypt and accept the sign-in."""

import pytest

from app.cli.doctor import _mail
from app.configuration.settings import read_settings
from app.errors import CouncilError
from tests.app.notifications.receivers import MailReceiver

SMTP = {"SMTP_HOST": "127.0.0.1", "SMTP_FROM": "council@example.com", "SMTP_SECURITY": "none"}


async def test_the_mail_server_is_checked_if_configured() -> None:
    async with MailReceiver().serving() as receiver:
        well = await _mail(read_settings({**SMTP, "SMTP_PORT": str(receiver.port)}))
        assert well == f"127.0.0.1:{receiver.port} answers (none); mail is sent from council@example.com"
        with pytest.raises(CouncilError, match="does not support SMTP_SECURITY"):
            await _mail(read_settings({**SMTP, "SMTP_PORT": str(receiver.port), "SMTP_SECURITY": "starttls"}))
    with pytest.raises(CouncilError, match="no connection to the mail server"):
        await _mail(read_settings({**SMTP, "SMTP_PORT": str(receiver.port)}))
