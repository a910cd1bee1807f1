"""Where a notification may be sent: zones by table, listed hosts, pinned addresses; and the result of each answer."""

import hashlib
import hmac
from collections.abc import Sequence

import httpx
import pytest

from app.configuration.mail_server import read_internal_hosts, read_mail_server
from app.configuration.settings import read_settings
from app.errors import CouncilError, SettingsError, UserError
from app.notifications.channel import ChannelKind, ChannelRules, read_target
from app.notifications.outbound import ChannelRefused, MaybeSent, NotSent, OutboundGuard, post
from app.notifications.signed_webhook import sign_body
from tests.app.notifications.receivers import Receiver


class Names:
    """A name server whose names may change their address."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)

    async def __call__(self, host: str, _: int) -> Sequence[str]:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def _checked(url: str, *addresses: str, internal: tuple[str, ...] = ()) -> httpx.Request:
    request = httpx.Request("POST", url)
    await OutboundGuard(internal, Names(addresses))(request)
    return request


async def test_a_message_goes_to_the_checked_address() -> None:
    request = await _checked("https://hooks.slack.com/services/x", "52.29.1.2", "52.29.1.3")
    assert str(request.url) == "https://52.29.1.2/services/x" and request.headers["host"] == "hooks.slack.com"
    assert request.extensions["sni_hostname"] == "hooks.slack.com"


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.7",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "::1",
        "fd12::7",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "0.0.0.0",
    ],
)
async def test_a_private_address_is_refused_even_among_public_ones(address: str) -> None:
    for addresses in ((address,), ("52.29.1.2", address)):
        with pytest.raises(ChannelRefused, match="inside a private network"):
            await _checked("https://hooks.example.com/x", *addresses)


@pytest.mark.parametrize(
    ("url", "internal", "fits"),
    [
        ("https://chat.internal/x", ("chat.internal",), True),
        ("https://CHAT.internal./x", ("chat.internal",), True),
        ("https://chat.internal:8443/x", ("chat.internal:8443",), True),
        ("https://chat.internal:8443/x", ("chat.internal",), False),
        ("http://chat.internal:8065/x", ("http://chat.internal:8065",), True),
        ("http://chat.internal:8065/x", ("chat.internal:8065",), False),
        ("https://chat.internal.evil.example/x", ("chat.internal",), False),
    ],
)
async def test_only_a_listed_host_may_be_private(url: str, internal: tuple[str, ...], fits: bool) -> None:
    if fits:
        assert (await _checked(url, "10.0.0.7", internal=internal)).url.host == "10.0.0.7"
    else:
        with pytest.raises(ChannelRefused):
            await _checked(url, "10.0.0.7", internal=internal)


async def test_no_listed_host_reaches_metadata_addresses() -> None:
    with pytest.raises(ChannelRefused, match="inside"):
        await _checked("https://chat.internal/x", "169.254.169.254", internal=("chat.internal",))


async def test_plain_http_is_refused_whatever_the_address() -> None:
    with pytest.raises(ChannelRefused, match="https"):
        await _checked("http://hooks.example.com/x", "52.29.1.2")


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ("302 Found|location: http://169.254.169.254/\r\n", ChannelRefused, "a redirect, which Council does not follow"),
        ("404 Not Found", ChannelRefused, "answered 404"),
        ("429 Slow Down|retry-after: 7\r\n", NotSent, "answered 429"),
        ("503 Busy", NotSent, "answered 503"),
        ("500 Broken", MaybeSent, "answered 500"),
        ("cut", MaybeSent, "did not arrive"),
    ],
)
async def test_the_result_of_each_answer(answer: str, kind: type[CouncilError], words: str) -> None:
    async with Receiver(answers=[answer]).serving() as receiver:
        with pytest.raises(kind, match=words) as caught:
            await post(receiver.url, b"{}", {}, OutboundGuard((receiver.host,)))
        assert "x1y2z3" not in str(caught.value) and len(receiver.received) == 1
    if answer.startswith("429"):
        assert isinstance(caught.value, NotSent) and caught.value.retry_after == 7.0


async def test_a_refused_connection_is_not_sent() -> None:
    async with Receiver().serving() as receiver:
        url, host = receiver.url, receiver.host
    with pytest.raises(NotSent, match="no connection"):
        await post(url, b"{}", {}, OutboundGuard((host,)))


def test_a_receiver_can_check_time_and_body() -> None:
    signature = dict(part.split("=") for part in sign_body("s" * 64, b'{"id":"1"}', 1_800_000_000.5).split(","))
    expected = hmac.new(b"s" * 64, b'1800000000.{"id":"1"}', hashlib.sha256).hexdigest()
    assert signature == {"t": "1800000000", "v1": expected}


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (ChannelKind.SLACK, "http://hooks.slack.com/x", "must start with https"),
        (ChannelKind.SLACK, "ftp://hooks.slack.com/x", "must start with https"),
        (ChannelKind.SLACK, "hooks.slack.com/x", "not a URL"),
        (ChannelKind.SLACK, "https://user:pass@hooks.slack.com/x", "user name"),
        (ChannelKind.SLACK, "https://hooks.slack.com:99999/x", "not a URL"),
        (ChannelKind.TEAMS, "https://a.example/x\r\nHost: b", "not a URL"),
        (ChannelKind.EMAIL, "ada", "not an e-mail address"),
        (ChannelKind.EMAIL, "ada@example.com\r\nBcc: eve@evil.example", "not an e-mail address"),
        (ChannelKind.EMAIL, "ada@elsewhere.example", "only to example.com"),
        (ChannelKind.EMAIL, "", "1 to 10"),
        (ChannelKind.EMAIL, "\n".join(f"a{number}@example.com" for number in range(11)), "1 to 10"),
    ],
)
def test_an_invalid_channel_is_refused_in_one_line(kind: ChannelKind, text: str, words: str) -> None:
    with pytest.raises(UserError, match=words):
        read_target(kind, text, "s", ChannelRules(domains=("example.com",)))


def test_a_hint_reveals_no_secret() -> None:
    url = "https://hooks.slack.com/services/T000AAAA/B000BBBB/x1y2z3x1y2z3x1y2z3"
    target = read_target(ChannelKind.WEBHOOK, url, "s1" * 32, ChannelRules())
    assert target.hint == "hooks.slack.com" and set(target.secrets) == {"x1y2z3x1y2z3x1y2z3", "s1" * 32}


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SMTP_HOST": "mail.example.com"}, "SMTP_FROM"),
        ({"SMTP_HOST": "m", "SMTP_FROM": "a@b.example", "SMTP_SECURITY": "ssl"}, "starttls, tls or none"),
        ({"SMTP_HOST": "m", "SMTP_FROM": "a@b.example", "SMTP_PORT": "mail"}, "port number"),
        ({"SMTP_HOST": "m", "SMTP_FROM": "a@b.example", "SMTP_PASSWORD": "p" * 20, "SMTP_SECURITY": "none"}, "unencrypted"),
    ],
)
def test_an_incomplete_mail_server_is_refused_with_the_fix(environ: dict[str, str], words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        read_mail_server(environ)


def test_the_mail_servers_password_is_a_secret() -> None:
    found = read_settings({"SMTP_HOST": "m.example", "SMTP_FROM": "a@b.example", "SMTP_PASSWORD": "hunter2hunter2hunter2"})
    assert "hunter2hunter2hunter2" in found.secrets and "hunter2" not in repr(found.mail) and found.mail.port == 587


def test_internal_hosts_are_names_and_no_patterns() -> None:
    assert read_internal_hosts({"NOTIFY_INTERNAL_HOSTS": "chat.internal, http://Chat.internal:8065"}) == (
        "chat.internal",
        "http://chat.internal:8065",
    )
    for wrong in ("*.internal", "https://chat.internal", "chat.internal/x"):
        with pytest.raises(SettingsError):
            read_internal_hosts({"NOTIFY_INTERNAL_HOSTS": wrong})
