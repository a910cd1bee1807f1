"""The pages' script: shortcuts, filters, settings search, copy buttons, local times and live updates while typing."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import POOL, script

pytestmark = pytest.mark.slow
Visit = Callable[..., Awaitable[Page]]


async def test_the_keyboard_leads_everywhere_and_can_be_turned_off(visit: Visit) -> None:
    page = await visit("ada")
    await page.goto("/")
    for key, path in (("r", "/runs"), ("a", "/ask"), ("i", "/insights"), ("u", "/usage"), ("h", "/")):
        await page.keyboard.press("g")
        await page.keyboard.press(key)
        await page.wait_for_url(f"**{path}")
    await page.goto("/runs")
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.name") == "q"
    await page.keyboard.type("g?/")
    assert await page.locator("input[name=q]").input_value() == "g?/" and not await page.locator("dialog").is_visible()
    await page.locator("h1").click()
    await page.keyboard.press("?")
    assert await page.get_by_role("dialog", name="Keyboard shortcuts").is_visible()
    await page.get_by_label("Shortcuts on").uncheck()
    await page.get_by_role("button", name="Close").click()
    await page.reload()
    await page.keyboard.press("?")
    assert not await page.locator("dialog").is_visible()
    await page.get_by_role("button", name="Keyboard").click()
    assert await page.get_by_role("dialog").is_visible()


async def test_findings_are_filtered_and_on_a_phone_a_badge_opens(visit: Visit, system: InProcessSystem) -> None:
    system.script([DIVISION, INJECTION], [DIVISION], [])
    system.open()
    await system.settle()
    page = await visit("ada")
    await page.goto("/runs")
    await page.locator(".run-line a").first.click()
    shown = page.locator("article.finding:visible")
    everything = await shown.count()
    button = page.locator("[data-filters] button").first
    await button.click()
    wanted = await button.get_attribute("value")
    assert 0 < await shown.count() <= everything and await button.get_attribute("aria-pressed") == "true"
    assert {await each.get_attribute("data-kind") for each in await shown.all()} == {wanted}
    await button.click()
    assert await shown.count() == everything
    phone = await visit("ada", viewport={"width": 360, "height": 740})
    await phone.goto(page.url)
    assert not await phone.locator(".matrix").is_visible()
    badge = phone.locator("details.seats").first
    await badge.locator("summary").click()
    assert await badge.get_by_role("link", name="Read the finding").is_visible()


async def test_settings_are_searched_and_a_banner_leads_to_the_field(visit: Visit) -> None:
    page = await visit("ada")
    await page.goto("/repos/acme/shop/settings")
    await page.get_by_label("Search settings").fill("language")
    assert await page.locator(".field:visible").count() == 1 and await page.get_by_label("Language", exact=True).is_visible()
    await page.get_by_label("Search settings").fill("")
    await page.get_by_label("Quorum", exact=True).fill("many")
    await page.get_by_role("button", name="Save").click()
    await page.get_by_role("alert").get_by_role("link", name="Quorum").click()
    assert page.url.endswith("#quorum")


async def test_a_time_is_local_and_relative(visit: Visit) -> None:
    page = await visit("ada", timezone_id="Asia/Tokyo", locale="en-US")
    await page.goto("/account")
    time = page.locator("main time").first
    assert await time.inner_text() in {"now", *(f"{n} seconds ago" for n in range(2, 60)), "1 second ago", "1 minute ago"}
    hour = await page.evaluate("new Date(document.querySelector('main time').dateTime).getHours() % 12 || 12")
    assert f" {hour}:" in (await time.get_attribute("title") or "")


async def test_the_follow_up_box_appears_when_the_answer_arrives(visit: Visit, system: InProcessSystem) -> None:
    script(system, [POOL], [POOL], [POOL])
    page = await visit("ada")
    await page.goto("/ask")
    await page.get_by_label("Question", exact=True).fill("Why do the connections run out?")
    await page.get_by_role("button", name="Ask", exact=True).click()
    await page.wait_for_url("**/ask/*")
    assert await page.get_by_label("Follow up").count() == 0
    await system.settle()
    await page.get_by_label("Follow up").wait_for()
    assert await page.get_by_role("button", name="Helped", exact=True).is_visible()
