"""The pages in a real browser: with a mouse, with only the keyboard, on a phone, and in dark mode."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from tests.stories.harness import InProcessSystem

pytestmark = pytest.mark.slow
Visit = Callable[..., Awaitable[Page]]
SETTINGS = "/repos/acme/shop/settings"


async def test_sign_in_change_a_setting_and_see_a_review_obey_it(visit: Visit, system: InProcessSystem) -> None:
    page = await visit("ada")
    await page.get_by_role("link", name="Settings of acme/shop").click()
    await page.get_by_label("Publish", exact=True).select_option("check")
    await page.get_by_role("button", name="Preview changes").click()
    assert "check (repository settings)" in await page.get_by_role("region", name="What this would change").first.inner_text()
    await page.get_by_role("button", name="Save").click()
    assert await page.get_by_role("status").inner_text() == "Saved. It applies from the next review."
    system.script([{"path": "app/cart.py", "line": 2, "title": "Division by zero"}])
    pull = system.open()
    await system.settle()
    assert [check.status for check in system.checks()] == ["completed"] and system.comments(pull) == []


async def test_a_wrong_value_is_told_where_it_stands(visit: Visit) -> None:
    page = await visit("ada")
    await page.goto(SETTINGS)
    await page.get_by_label("Inline comments").fill("many")
    await page.get_by_role("button", name="Save").click()
    field = page.get_by_label("Inline comments")
    assert await field.get_attribute("aria-invalid") == "true" and await field.input_value() == "many"
    assert "must be a whole number" in await page.locator("#error-review-max_inline").inner_text()


async def test_a_channel_is_set_and_tried_out(visit: Visit, system: InProcessSystem) -> None:
    page = await visit("ada")
    await page.goto(SETTINGS)
    slack = page.locator("#channel-slack")
    # A private address, which is refused before a connection.
    await slack.get_by_label("URL of an incoming webhook").fill("https://127.0.0.1:9/services/x")
    await slack.get_by_role("button", name="Set").click()
    assert await page.get_by_role("status").inner_text() == "The channel is saved. Send a test message to check that it works."
    await slack.get_by_role("button", name="Send a test message").click()
    assert "test message is queued" in await page.get_by_role("status").inner_text()
    await system.settle()
    await page.reload()
    assert "did not arrive: The channel's host is inside a private network" in await slack.inner_text()
    await slack.get_by_role("button", name="Remove").click()
    assert "Not set." in await slack.inner_text()


async def test_a_person_without_rights_is_told_so(visit: Visit) -> None:
    page = await visit("rita")
    await page.goto(SETTINGS)
    assert await page.get_by_role("heading", level=1).inner_text() == "You don't have permission"
    await page.goto("/admin")
    assert await page.get_by_role("heading", level=1).inner_text() == "Page not found"


async def test_the_keyboard_alone_is_enough(visit: Visit, system: InProcessSystem) -> None:
    page = await visit("ada")
    await page.goto(SETTINGS)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the page"
    await page.keyboard.press("Enter")
    for _ in range(140):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id") == "review-language":
            break
    outline = await page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    await page.keyboard.type("de")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**saved=1")
    assert "(repository settings)" in await page.locator("#about-review-language").inner_text()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_is_wider_than_a_phone_and_words_stand_out(visit: Visit, scheme: str) -> None:
    page = await visit("ada", viewport={"width": 360, "height": 740}, color_scheme=scheme)
    for path in ("/", SETTINGS, "/account", "/nothing"):
        await page.goto(path)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 360, path
        ground, words = await page.evaluate("(s => [s.backgroundColor, s.color])(getComputedStyle(document.body))")
        assert contrast(ground, words) >= 7, (path, ground, words)
        assert (luminance(ground) < 0.1) == (scheme == "dark")


async def test_nothing_is_blocked_or_loaded_from_elsewhere(visit: Visit, system: InProcessSystem) -> None:
    page = await visit("ada")
    said: list[str] = []
    hosts: set[str] = set()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2] if request.url.startswith("http") else ""))
    for path in ("/", SETTINGS, "/account"):
        await page.goto(path)
    assert said == [] and hosts - {""} == {system.url.split("/")[2]}


def luminance(colour: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-relative-luminance"""
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").rstrip(")").split(",")]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)
