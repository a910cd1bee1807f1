"""Writes a picture of each page to `docs/screens/`: `make screens`."""

import asyncio
import sys
import tempfile
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright

from tests.browser.conftest import CHROMIUM
from tests.browser.tour import REPOSITORY, Stop, lived_in, say, sign_in, stops

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
WIDE, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=360, height=740)
# These pages also on a phone in dark mode.
_ON_A_PHONE = ("run", "conversation", "repository-settings", "insights", "suggested-rules")
_TALLEST = 1_500


async def photograph() -> None:
    """Write every page on a desktop, and some on a phone."""
    with tempfile.TemporaryDirectory(prefix="council-screens-") as data:
        async with lived_in(Path(data)) as system, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            desk = await browser.new_page(base_url=system.url, viewport=WIDE, color_scheme="light")
            stranger = await browser.new_page(base_url=system.url, viewport=WIDE, color_scheme="light")
            phone = await browser.new_page(base_url=system.url, viewport=PHONE, color_scheme="dark")
            await sign_in(desk)
            await sign_in(phone)
            review = f"{system.sandbox.web_url}/{REPOSITORY}/pull/1"
            for stop in (*await stops(desk, system), Stop("review", review, signed_in=False)):
                await _picture(desk if stop.signed_in else stranger, stop, stop.name)
                if stop.name in _ON_A_PHONE:
                    await _picture(phone, stop, f"{stop.name}-phone")
            await browser.close()


async def _picture(page: Page, stop: Stop, name: str) -> None:
    await page.goto(stop.path)
    path = FOLDER / f"{name}.png"
    size = page.viewport_size or WIDE
    height = await page.evaluate("document.documentElement.scrollHeight")
    # A window as tall as the picture: in a lower one, what sticks to its lower edge would be in the middle of the picture.
    await page.set_viewport_size(ViewportSize(width=size["width"], height=min(_TALLEST, height)))
    await page.screenshot(path=path)
    await page.set_viewport_size(size)
    say(f"{path.relative_to(FOLDER.parents[1])}")


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("No chromium here: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(photograph())
