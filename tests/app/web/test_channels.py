"""Notification channels on settings pages: who can change them, what is shown, and what is stored."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem

Open = Callable[[], Browser]
URL = "https://hooks.slack.com/services/T000AAAA/B000BBBB/x1y2z3x1y2z3x1y2z3"
PAGE = "/repos/acme/shop/settings"
CHANNELS = "/repos/acme/shop/channels"


@pytest.fixture
async def ada(browser: Open) -> Browser:
    opened = browser()
    await opened.sign_in("ada")
    await opened.get(PAGE)
    return opened


async def test_a_channel_is_kept_sealed_and_never_shown(ada: Browser, tmp_path: Path) -> None:
    assert (await ada.post(f"{CHANNELS}/slack", {"target": URL})).headers["location"] == f"{PAGE}?channel=set#channels"
    shown = (await ada.get(f"{PAGE}?channel=set")).text
    assert "<b>hooks.slack.com</b>, by ada" in shown and "x1y2z3" not in shown and "The channel is saved" in shown
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir() if each.name.startswith("council.db"))
    assert b"x1y2z3x1y2z3x1y2z3" not in kept and b"hooks.slack.com" in kept
    assert (await ada.post(f"{CHANNELS}/slack", {"remove": "1"})).headers["location"] == f"{PAGE}?channel=removed#channels"
    assert "by ada" not in (await ada.get(PAGE)).text.partition('id="channel-slack"')[2].partition('id="channel-teams"')[0]


async def test_the_signing_secret_is_shown_once(ada: Browser) -> None:
    answer = await ada.post(f"{CHANNELS}/webhook", {"target": "https://hooks.example.com/council"})
    secret = answer.text.partition('<pre id="channel-secret" tabindex="0">')[2].partition("<")[0]
    assert answer.status_code == 200 and len(secret) == 64
    again = (await ada.get(PAGE)).text
    assert secret not in again and 'id="channel-secret"' not in again


async def test_an_invalid_channel_is_refused(ada: Browser) -> None:
    for kind, entered, words in (
        ("slack", "http://hooks.slack.com/x", "Slack: The URL must start with https://."),
        ("email", "ada@example.com", "E-mail: This server has no mail server."),
        ("teams", "nonsense", "Microsoft Teams: That is not a URL"),
    ):
        answer = await ada.post(f"{CHANNELS}/{kind}", {"target": entered})
        assert answer.status_code == 422 and words in answer.text
    assert (await ada.post(f"{CHANNELS}/carrier-pigeon", {"target": URL})).status_code == 404


async def test_a_test_message_is_queued_and_shows_its_failure(ada: Browser, system: InProcessSystem) -> None:
    # Nothing is sent anywhere: a private address is refused before it is connected to.
    await ada.post(f"{CHANNELS}/slack", {"target": "https://127.0.0.1:9/x"})
    assert "Set it first" in (await ada.post(f"{CHANNELS}/teams", {"test": "1"})).text
    assert (await ada.post(f"{CHANNELS}/slack", {"test": "1"})).headers["location"] == f"{PAGE}?channel=test#channels"
    await system.settle()
    shown = (await ada.get(PAGE)).text
    assert "The last message did not arrive: The channel&#39;s host is inside a private network." in shown
    assert "less than a minute ago" in (await ada.post(f"{CHANNELS}/slack", {"test": "1"})).text
    async with system.services.database.read() as connection:
        actions = (await connection.execute(text("SELECT action FROM audit ORDER BY at"))).scalars().all()
    assert [action for action in actions if "channel" in action or "test" in action] == ["channel set", "test message sent"]


async def test_only_admins_see_and_change_channels(browser: Open, system: InProcessSystem) -> None:
    [installation] = (each.id for each in system.sandbox.world.installations.values() if each.account.login == "acme")
    for login, expected in (("mia", 303), ("will", 403), ("rita", 403), ("gus", 404)):
        person = browser()
        await person.sign_in(login)
        page = await person.get(PAGE)
        assert ('id="channels"' in page.text) is (expected == 303)
        assert (await person.post(f"{CHANNELS}/slack", {"target": URL})).status_code == expected, login
        if login != "mia":
            assert (await person.post(f"/installations/{installation}/channels/slack", {"target": URL})).status_code == expected


async def test_a_repository_shows_the_organizations_channel(ada: Browser, system: InProcessSystem) -> None:
    [installation] = (each.id for each in system.sandbox.world.installations.values() if each.account.login == "acme")
    page = f"/installations/{installation}/settings"
    await ada.get(page)
    answer = await ada.post(f"/installations/{installation}/channels/slack", {"target": URL})
    assert answer.headers["location"] == f"{page}?channel=set#channels"
    assert "The organization's is used: <b>hooks.slack.com</b>" in (await ada.get(PAGE)).text
