"""Fixtures for tests in a headless Chromium on loopback."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.stories.harness import InProcessSystem, open_system

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture
async def chromium() -> AsyncIterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine: apt-get install chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        await browser.close()
    # The driver's process closes its pipes one iteration of the event loop later.
    await asyncio.sleep(0)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    """acme/shop with an admin (ada) and a reader (rita)."""
    async with open_system(tmp_path) as opened:
        opened.repository.add_collaborator("ada", "admin")
        opened.repository.add_collaborator("rita", "read")
        await opened.settle()
        yield opened


@pytest.fixture
async def visit(chromium: Browser, system: InProcessSystem) -> AsyncIterator[Callable[..., Any]]:
    """Opens a page as a person; `options` are Playwright's."""
    contexts: list[BrowserContext] = []

    async def opened(login: str = "", **options: Any) -> Page:
        context = await chromium.new_context(base_url=system.url, **options)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(10_000)
        if login:
            await page.goto("/login")
            await page.get_by_role("button", name=f"Sign in as {login}").click()
            await page.wait_for_url(f"{system.url}/**")
        return page

    yield opened
    for context in contexts:
        with contextlib.suppress(Exception):
            await context.close()
