"""A lost master key, as the backup page describes it: what starts again, what must be entered again, and one line for what stops."""

import base64
from collections.abc import Callable
from pathlib import Path

import pytest

from app.configuration.app_credentials import complete_settings, store_credentials
from app.configuration.settings import read_settings
from app.errors import SettingsError
from app.github.manifest import Registered
from app.services.web import require_start
from app.store.engine.database import open_database
from app.store.security.key_check import adopt_key, check_key
from app.store.security.vault import open_vault
from tests.app.cli.warm import run_council
from tests.app.web.browser import Browser
from tests.app.web.conftest import browser, system
from tests.stories.harness import InProcessSystem
from tests.system import AT_ONCE, serving

__all__ = ["browser", "system"]
OTHER = base64.b64encode(b"o" * 32).decode()
_REGISTERED = Registered(
    "7", "council", "Iv1", "client", "webhook", "pem", "http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2"
)


async def set_up(data: Path) -> None:
    """A server whose App was registered on the set-up page, under the key in its data folder."""
    database, vault = open_database("", data), open_vault("", data)
    await database.migrate()
    await check_key(database, vault, 1.0)
    await store_credentials(database, vault, _REGISTERED, "olga", 1.0)
    await database.close()


async def council(data: Path, *words: str) -> tuple[int, str]:
    done = await run_council(words, {"COUNCIL_DATA": str(data), "COUNCIL_MASTER_KEY": OTHER, "REDIS_URL": "", "PORT": "0"})
    return done.code, done.out + done.err


async def test_a_server_that_lost_its_key_starts_with_what_is_entered(tmp_path: Path) -> None:
    await set_up(tmp_path)
    lost = read_settings({"COUNCIL_DATA": str(tmp_path), "COUNCIL_MASTER_KEY": OTHER})
    with pytest.raises(SettingsError, match="council adopt-key"):
        await require_start(lost)
    database = open_database("", tmp_path)
    await adopt_key(database, open_vault(OTHER, tmp_path), 2.0)
    with pytest.raises(SettingsError, match="set APP_ID, PRIVATE_KEY, WEBHOOK_SECRET"):
        await require_start(lost)
    entered = lost.model_copy(update={"app_id": "7", "private_key": "pem"})
    await require_start(entered)
    assert await complete_settings(entered, database, open_vault(OTHER, tmp_path)) == entered
    await database.close()


@pytest.mark.slow
async def test_a_refused_start_is_one_line(tmp_path: Path) -> None:
    await set_up(tmp_path)
    for adopts, said in ((False, "council adopt-key"), (True, "set APP_ID, PRIVATE_KEY, WEBHOOK_SECRET")):
        if adopts:
            assert (await council(tmp_path, "adopt-key"))[0] == 0
        for command in ("web", "worker"):
            code, told = await council(tmp_path, command)
            assert code == 2 and told.count("\n") == 1 and said in told, told


async def test_people_sign_in_again(browser: Callable[[], Browser], system: InProcessSystem) -> None:
    ada = browser()
    await ada.sign_in("ada")
    assert (await ada.get("/runs")).status_code == 200
    settings = system.settings.model_copy(update={"master_key": OTHER})
    await adopt_key(system.services.database, open_vault(OTHER, settings.data), 0.0)
    async with serving(settings, AT_ONCE) as url:
        system.sandbox.world.app.webhook_url = f"{url}/webhooks/github"
        again = Browser(url, system.sandbox)
        again.client.cookies.update(ada.client.cookies)
        assert (await again.get("/runs")).headers["location"].startswith("/login")
        await again.sign_in("ada")
        assert (await again.get("/runs")).status_code == 200
        await again.close()
