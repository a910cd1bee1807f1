"""Comments fit on a desktop and a phone, and check boxes work."""

import pytest
from playwright.async_api import async_playwright

from tests.browser.comments import overflowing, page_of, texts
from tests.browser.conftest import CHROMIUM


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
async def test_every_shape_fits_a_desk_and_a_phone() -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        wider = {(name, kind): await overflowing(browser, text, kind) for name, text in texts().items() for kind in ("desk", "phone")}
        await browser.close()
    assert {place: pixels for place, pixels in wider.items() if pixels > 0} == {}


def test_boxes_are_boxes_and_escaped_brackets_are_not() -> None:
    assert page_of("- [ ] dismiss `7f3a`\n- [x] review again\n- \\[x\\] no box\n", "desk").count("<input type=") == 2
