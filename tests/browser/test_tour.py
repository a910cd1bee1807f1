"""Every page on a desktop and on a phone in dark mode passes the rules of axe-core."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.browser.tour import lived_in, sign_in, stops
from tests.conformance.fetch import Missing, fetched
from tests.system import InProcessSystem

pytestmark = pytest.mark.slow
_SERIOUS = {"serious", "critical"}
_LOOKS = (
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": "light"},
    {"viewport": {"width": 360, "height": 740}, "color_scheme": "dark"},
)


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    async with lived_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def axe() -> str:
    try:
        return fetched("axe-core").read_text("utf-8")
    except Missing as missing:
        pytest.skip(str(missing))


async def test_no_page_has_a_serious_violation(chromium: Browser, system: InProcessSystem, axe: str) -> None:
    # The rules run outside of the page, so that its security policy stays strict.
    contexts = [await chromium.new_context(base_url=system.url, bypass_csp=True, **look) for look in _LOOKS]  # type: ignore[arg-type]
    strangers = [await (await chromium.new_context(base_url=system.url, bypass_csp=True, **look)).new_page() for look in _LOOKS]  # type: ignore[arg-type]
    pages = [await context.new_page() for context in contexts]
    for page in pages:
        await sign_in(page)
    found: list[str] = []
    for stop in await stops(pages[0], system):
        for page in pages if stop.signed_in else strangers:
            await page.goto(stop.path)
            found += [f"{stop.name}: {violation}" for violation in await _violations(page, axe)]
            if await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found.append(f"{stop.name}: wider than its window")
    assert not found, "\n".join(found)


async def test_a_question_is_asked_followed_and_answered(chromium: Browser, system: InProcessSystem) -> None:
    page = await chromium.new_page(base_url=system.url)
    await sign_in(page)
    listed = [stop.name for stop in await stops(page, system)]
    assert "conversation" in listed
    await page.goto("/ask")
    await page.get_by_role("link", name="idempotency key").first.click()
    assert await page.get_by_role("heading", name="Send one idempotency key").count() == 1
    assert await page.locator("code", has_text="Idempotency-Key").count() > 0


async def _violations(page: Page, axe: str) -> list[str]:
    await page.evaluate(axe)
    async with asyncio.timeout(30):
        report = await page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    worst = [each for each in report["violations"] if each["impact"] in _SERIOUS]
    return [f"{each['id']}: {each['nodes'][0]['html'][:120]}" for each in worst]
