"""The first minutes of a new user: set up an empty server, and find a reviewed pull request."""

import asyncio
import re
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator

from app.configuration.settings import read_settings
from app.sandbox.server import Sandbox
from tests.system import AT_ONCE, serving

pytestmark = pytest.mark.slow
MOST_CLICKS = 6


class Clicks:
    """Clicks and counts the clicks."""

    def __init__(self) -> None:
        self.made = 0

    async def on(self, target: Locator) -> None:
        self.made += 1
        await target.click()


async def test_setting_up_an_empty_server(chromium: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async with Sandbox.start() as sandbox:
        sandbox.world.create_repository("acme/shop", installed=False).add_collaborator("olga", "admin")
        settings = read_settings({"COUNCIL_DATA": str(tmp_path), "GITHUB_API_URL": sandbox.api_url, "GITHUB_WEB_URL": sandbox.web_url})
        async with serving(settings, AT_ONCE) as url:
            [link] = re.findall(r"http\S+/setup\?token=\w+", capsys.readouterr().err)
            page = await chromium.new_page()
            page.set_default_timeout(10_000)
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            await page.goto(url + "/setup?" + link.partition("?")[2])
            for button in ("Continue", "Continue", f"Create it on {sandbox.web_url}"):
                await page.get_by_role("button", name=button).click()
            await page.get_by_role("button", name=re.compile("Create")).click()
            assert await page.get_by_role("heading", level=1).inner_text() == "Set-up checks"
            await page.get_by_role("link", name="Install it").click()
            await page.get_by_role("button", name=re.compile("Install")).first.click()
            await page.get_by_role("button", name="Sign in as olga").click()
            assert await page.get_by_role("heading", level=1).inner_text() == "Settings of acme"
            await page.goto(f"{url}/setup")
            done = await page.locator("li", has_text="done:").count()
            assert done >= 3 and "Sign in, so that" not in await page.content()
            assert said == []


async def test_run_sandbox_to_a_review_in_six_clicks(chromium: Browser, tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "app.cli", "demo", "--keep", stdout=PIPE, cwd=tmp_path)
    assert process.stdout is not None
    try:
        async with asyncio.timeout(90):
            while not (found := re.search(rb"pages: (http\S+) and \S+ \(sign in as ([\w-]+)", await process.stdout.readline())):
                assert process.returncode is None
        start, login = (part.decode() for part in found.groups())
        page, clicks = await chromium.new_page(), Clicks()
        page.set_default_timeout(10_000)
        await page.goto(start)
        await clicks.on(page.get_by_role("button", name=f"Sign in as {login}"))
        await clicks.on(page.get_by_role("link", name="Retry charges"))
        assert await page.get_by_role("heading", name="Who found what").count() == 1
        await clicks.on(page.get_by_role("link", name="on GitHub").first)
        assert "found by" in await page.content() and "/pull/1" in page.url
        assert clicks.made <= MOST_CLICKS
    finally:
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(20):
            await process.wait()
