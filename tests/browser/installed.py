"""Open every page in Chromium with the installed `app`, and print the results as JSON for test_installed.py."""

import asyncio
import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

import app
from tests.browser.conftest import CHROMIUM
from tests.browser.tour import Stop, lived_in, sign_in, stops


async def open_pages() -> dict[str, dict[str, Any]]:
    """Per page name: status, size of its HTML in bytes of gzip, console messages, and failed files."""
    opened: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory(prefix="council-installed-") as data:
        async with lived_in(Path(data)) as system, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            person, stranger = [await (await browser.new_context(base_url=system.url)).new_page() for _ in range(2)]
            await sign_in(person)
            for stop in await stops(person, system):
                opened[stop.name] = await _open(person if stop.signed_in else stranger, stop)
            await browser.close()
    return opened


async def _open(first: Page, stop: Stop) -> dict[str, Any]:
    # A separate tab, so that no events of the previous page arrive.
    page = await first.context.new_page()
    said: list[str] = []
    failed: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("response", lambda answer: failed.append(answer.url) if answer.status >= 400 else None)
    answer = await page.goto(stop.path)
    assert answer is not None
    weight, title = len(gzip.compress(await answer.body())), await page.locator("h1").first.inner_text()
    await page.close()
    return {"status": answer.status, "weight": weight, "said": said, "failed": failed, "title": title}


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"app": app.__file__, "pages": asyncio.run(open_pages())}) + "\n")
