"""An organization's provider keys: tested on entry, stored encrypted, never shown, and used only by its reviews."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.configuration.provider_keys import Keyring
from app.store.security import secrets
from app.store.security.secrets import NewSecret
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem

Open = Callable[[], Browser]
KEY = "sk-of-acme-0123456789-wxyz"


@pytest.fixture
def page(system: InProcessSystem) -> str:
    [made] = (installation.id for installation in system.sandbox.world.installations.values() if installation.account.login == "acme")
    return f"/installations/{made}/keys"


async def test_a_key_is_tried_and_kept_and_never_shown(browser: Open, system: InProcessSystem, page: str, tmp_path: Path) -> None:
    system.sandbox.providers.keys = {**system.sandbox.providers.keys, "openai": KEY}
    ada = browser()
    await ada.sign_in("ada")
    assert "own key is used" in (await ada.get(page)).text
    wrong = await ada.post(f"{page}/openai", {"key": "sk-wrong-and-long-enough"})
    assert wrong.status_code == 422 and "openai refused this key with status 401. Nothing was saved." in wrong.text
    assert (await ada.post(f"{page}/openai", {"key": KEY})).headers["location"] == f"{page}?set=1"
    shown = (await ada.get(page)).text
    assert "ends in <b>…wxyz</b>, by ada" in shown and KEY not in shown
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir() if each.name.startswith("council.db"))
    assert KEY.encode() not in kept


async def test_a_review_of_the_organisation_pays_with_its_key(browser: Open, system: InProcessSystem, page: str) -> None:
    system.sandbox.providers.keys = {**system.sandbox.providers.keys, "openai": KEY}
    system.script([DIVISION], [DIVISION], [DIVISION])
    first = system.open()
    await system.settle()
    assert "2 of 3 answered" in system.comments(first)[-1]
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(page)
    assert (await ada.post(f"{page}/openai", {"key": KEY})).status_code == 303
    second = system.repository.open_pull_request("Again", system.files, branch="again")
    await system.settle()
    assert "3 of 3 answered" in system.comments(second)[-1]
    assert (await ada.post(f"{page}/openai", {"remove": "1"})).headers["location"] == f"{page}?removed=1"
    assert "own key is used" in (await ada.get(page)).text


async def test_only_who_administers_everything_sees_the_keys(browser: Open, page: str) -> None:
    for login, expected in (("mia", 403), ("will", 403), ("rita", 403), ("gus", 404)):
        person = browser()
        await person.sign_in(login)
        assert (await person.get(page)).status_code == expected
        assert (await person.post(f"{page}/openai", {"key": KEY})).status_code == expected


async def test_an_invalid_key_or_provider_is_refused(browser: Open, page: str) -> None:
    ada = browser()
    await ada.sign_in("ada")
    await ada.get(page)
    for provider, key, words in (
        ("openai", "", "That doesn&#39;t look like an API key"),
        ("openai", "two words", "That doesn&#39;t look like an API key"),
        ("openai", "k" * 501, "That doesn&#39;t look like an API key"),
        ("bedrock", KEY, "A key of this provider cannot be set here"),
    ):
        answer = await ada.post(f"{page}/{provider}", {"key": key})
        assert answer.status_code == 422 and words in answer.text


async def test_an_uninstalled_organisation_leaves_no_key(system: InProcessSystem, page: str) -> None:
    installation = int(page.split("/")[2])
    vault = system.services.vault
    async with system.services.database.write() as connection:
        await secrets.save_secret(connection, vault, NewSecret(secrets.keys_of(installation), "openai", KEY), "ada", 1.0)
    ring = Keyring(system.settings, system.services.database, lambda: vault, installation)
    found = (await ring.merged()).provider("openai")
    assert found is not None and found.key == KEY
    system.sandbox.world.uninstall(installation)
    await system.settle()
    assert await ring.merged() == system.settings
