"""Set-up of an empty server: the console token, the manifest, and credentials for web process and worker."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml
from structlog.testing import capture_logs

from app.configuration.app_credentials import wait_for_credentials
from app.configuration.settings import Settings, read_settings
from app.github.manifest import EVENTS, PERMISSIONS, missing_events, missing_permissions
from app.sandbox.server import Sandbox
from app.store.engine.database import open_database
from app.web import create_app
from tests.app.web.browser import Browser
from tests.system import AT_ONCE, serving
from webhooks.handlers import HANDLERS

ROOT = Path(__file__).parents[3]


def test_app_yml_and_the_page_ask_for_the_same() -> None:
    told = yaml.safe_load((ROOT / "app.yml").read_text())
    assert (dict(told["default_permissions"]), tuple(told["default_events"])) == (PERMISSIONS, EVENTS)


def test_whatever_a_handler_hears_is_asked_for() -> None:
    # GitHub always sends these and rejects them in a manifest.
    unlisted = {"installation", "installation_repositories", "marketplace_purchase", "ping"}
    assert set(EVENTS) == set(HANDLERS) - unlisted


def test_what_is_not_granted_is_named() -> None:
    assert missing_permissions(PERMISSIONS) == () and missing_events(EVENTS) == ()
    assert missing_permissions({**PERMISSIONS, "checks": "read", "contents": "write", "issues": "odd"}) == (
        "issues: write",
        "checks: write",
    )
    assert missing_permissions({}) == tuple(f"{name}: {level}" for name, level in PERMISSIONS.items())
    assert missing_events(EVENTS[1:]) == (EVENTS[0],)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as started:
        yield started


def _settings(sandbox: Sandbox, data: Path) -> Settings:
    return read_settings({"COUNCIL_DATA": str(data), "GITHUB_API_URL": sandbox.api_url, "GITHUB_WEB_URL": sandbox.web_url})


async def _registered(owner: Browser, sandbox: Sandbox, token: str) -> httpx.Response:
    await owner.client.post(f"{owner.url}/setup/redeem", data={"token": token}, headers={"origin": owner.url})
    await owner.get("/setup")
    form = {"name": "Our Council", "public_url": owner.url, "organisation": "", "github": sandbox.web_url}
    page = (await owner.post("/setup/manifest", form)).text
    action, manifest = (re.findall(rf'{name}="([^"]+)"', page)[-1] for name in ("action", 'name="manifest" value'))
    manifest = manifest.replace("&#34;", '"')
    shown = await owner.client.post(action.replace("&amp;", "&"), data={"manifest": manifest})
    assert shown.status_code == 200, shown.text
    state = httpx.URL(action.replace("&amp;", "&")).params["state"]
    made = await owner.client.post(f"{sandbox.web_url}/settings/apps/create", data={"manifest": manifest, "state": state})
    return await owner.get(made.headers["location"])


async def test_no_token_enters_a_log(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    app = create_app(_settings(sandbox, tmp_path), into_log=True)
    with capture_logs() as told:
        async with app.router.lifespan_context(app):
            pass
    async with app.router.lifespan_context(app):
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://council.example") as client:
            front = (await client.get("/")).text
        file = tmp_path / "setup-address"
        assert "/setup?token=" in file.read_text() and file.stat().st_mode & 0o077 == 0
        printed = capsys.readouterr()
        assert "token=" not in f"{printed.out}{printed.err}{told}" and "setup-address" in str(told)
    # Without an App nobody can sign in, so the front page links the set-up.
    assert 'href="/setup"' in front and "/login" not in front


async def test_an_empty_server_is_set_up_in_the_browser(sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = _settings(sandbox, tmp_path)
    async with serving(settings, AT_ONCE) as url:
        token = re.findall(r"token=(\w+)", capsys.readouterr().err)[-1]
        owner, stranger = Browser(url, sandbox), Browser(url, sandbox)
        assert (await stranger.client.post(f"{url}/webhooks/github")).status_code == 503
        assert (await stranger.post("/setup/manifest")).status_code == 404
        wrong = await stranger.client.post(f"{url}/setup/redeem", data={"token": "0" * 40}, headers={"origin": url})
        assert wrong.status_code == 403
        assert (await _registered(owner, sandbox, token)).headers["location"] == "/setup"
        again = await stranger.client.post(f"{url}/setup/redeem", data={"token": token}, headers={"origin": url})
        assert again.status_code == 403
        assert "The App is registered" in (await owner.get("/setup")).text
        # The token gives access only to the set-up, because nobody has signed in yet.
        for path in ("/account", "/runs", "/admin"):
            assert (await owner.get(path)).headers.get("location", "").startswith("/login"), path
        sandbox.world.user("olga")
        await owner.sign_in("olga", "/setup")
        assert "/admin" in (await owner.get("/setup")).text
        assert (await stranger.get("/setup")).status_code == 404
        sandbox.world.create_repository("acme/shop")
        await sandbox.settled()
        assert "A webhook arrived" in (page := (await owner.get("/setup")).text) and "None yet" not in page
        await owner.close()
        await stranger.close()
    database = open_database("", tmp_path)
    taken = await wait_for_credentials(settings, database)
    assert (taken.app_id, taken.private_key) == (str(sandbox.world.app.id), sandbox.world.app.private_key)
    raw = (tmp_path / "council.db").read_bytes() + (tmp_path / "council.db-wal").read_bytes()
    assert b"BEGIN RSA" not in raw and sandbox.world.app.webhook_secret.encode() not in raw
    assert (tmp_path / "master.key").stat().st_mode & 0o777 == 0o600
    await database.close()


async def test_a_registration_begun_in_another_browser_is_refused(
    sandbox: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with serving(_settings(sandbox, tmp_path), AT_ONCE) as url:
        token = re.findall(r"token=(\w+)", capsys.readouterr().err)[-1]
        owner = Browser(url, sandbox)
        await owner.client.post(f"{url}/setup/redeem", data={"token": token}, headers={"origin": url})
        sandbox.github.conversions.add("attackers")
        assert (await owner.get("/setup/registered?code=attackers&state=AAAA")).status_code == 400
        assert "attackers" in sandbox.github.conversions
        await owner.close()


async def test_what_the_environment_says_goes_before(sandbox: Sandbox, tmp_path: Path) -> None:
    settings = read_settings({**sandbox.environment(), "COUNCIL_DATA": str(tmp_path)})
    database = open_database("", tmp_path)
    await database.migrate()
    assert await wait_for_credentials(settings, database) == settings
    await database.close()
