"""A suggested rule in a real browser: one click copies the new file and opens GitHub's editor, and the person proposes it there."""

from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page

from app.configuration.council_yml import CONFIG_PATH
from reviewers.values.finding import Category
from tests.stories.harness import InProcessSystem
from tests.stories.test_suggested_rules import PAGE, decide

pytestmark = pytest.mark.slow
Visit = Callable[..., Awaitable[Page]]
OWN = "# ours\nreview:\n  drafts: true\n"


async def test_a_click_copies_the_file_and_opens_the_editor(visit: Visit, system: InProcessSystem) -> None:
    system.repository.push_branch("main", {CONFIG_PATH: OWN}, "ada", "settings")
    await decide(system, "docs", Category.STYLE, 5)
    page = await visit("ada", permissions=["clipboard-read", "clipboard-write"])
    await page.goto(PAGE)
    async with page.context.expect_page() as opened:
        await page.get_by_role("button", name="Open as a pull request").click()
    editor = await opened.value
    text = editor.get_by_label("Content")
    assert await text.input_value() == OWN
    await text.press("ControlOrMeta+a")
    await text.press("ControlOrMeta+v")
    await editor.get_by_label("As").select_option("ada")
    await editor.get_by_role("button", name="Propose changes").click()
    await editor.wait_for_url("**/pull/*")
    (pull,) = system.repository.pulls.values()
    proposed = system.repository.commits[pull.head_sha].files[CONFIG_PATH].decode()
    assert pull.issue.author.login == "ada" and proposed.startswith("# ours\nreview:\n") and "docs/**" in proposed
    await page.reload()
    assert await page.get_by_text("Nothing to suggest.").count() == 1
    await system.settle()
