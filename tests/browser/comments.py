"""Writes a picture of each shape of a comment as GitHub shows it, on a desk, on a phone and in mail: `make comments`."""

import asyncio
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from app.reporters.text import inline_text, summary_text
from app.sandbox.pages.markdown import render
from tests.app.reporters.shapes import RACE, SHAPES
from tests.browser.conftest import CHROMIUM
from tests.browser.tour import say

FOLDER = Path(__file__).parents[2] / "build" / "comments"
# The widths of a comment on a desktop, a phone and in mail. Mail clients open all folded parts and use no style sheet.
WIDTHS = {"desk": 870, "phone": 360, "mail": 640}
_STYLE = """
body { font: 14px/1.5 -apple-system, "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif; color: #1f2328; margin: 0; padding: 16px; }
h3 { font-size: 1.25em; margin: 0 0 16px; font-weight: 600; line-height: 1.25; }
p, ul, ol, table, pre, details { margin: 0 0 16px; }
ul, ol { padding-left: 2em; } li + li { margin-top: .25em; } li:has(> input) { list-style: none; margin-left: -1.4em; }
code { background: #818b981f; border-radius: 6px; padding: .2em .4em; font: 85% ui-monospace, "SF Mono", Menlo, monospace; }
pre { background: #f6f8fa; border-radius: 6px; padding: 16px; overflow: auto; } pre code { background: none; padding: 0; }
a { color: #0969da; } body { overflow-wrap: anywhere; } a code { color: inherit; }
table { border-collapse: collapse; display: block; overflow: auto; } td, th { border: 1px solid #d1d9e0; padding: 6px 13px; }
.suggestion { border: 1px solid #d1d9e0; border-radius: 6px; margin: 0 0 16px; font: 12px ui-monospace, monospace; white-space: pre; }
.suggestion header { padding: 8px; background: #f6f8fa; } .suggestion div { background: #dafbe1; padding: 0 8px; }
"""


def texts() -> dict[str, str]:
    """The body of each shape, by name."""
    marker = "<!-- council:summary run=r1 -->"
    shown = {name: summary_text.render(edition, marker) for name, edition in SHAPES.items()}
    return shown | {"inline": inline_text.comment(SHAPES["one"], RACE).body}


def page_of(text: str, kind: str) -> str:
    """A page that contains only the comment."""
    body = render(text)
    if kind == "mail":
        body = body.replace("<details>", "<div>").replace("</details>", "</div>").replace("<summary>", "<p>").replace("</summary>", "</p>")
    style = "" if kind == "mail" else f"<style>{_STYLE}</style>"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{kind}</title>{style}<body>{body}</body></html>'


async def overflowing(browser: Browser, text: str, kind: str, path: Path | None = None) -> int:
    """How many pixels the comment is too wide. With `path`, writes a screenshot."""
    page = await browser.new_page(viewport={"width": WIDTHS[kind], "height": 400})
    await page.set_content(page_of(text, kind))
    if path is not None:
        await page.screenshot(path=path, full_page=True)
    wider: int = await page.evaluate("document.documentElement.scrollWidth - innerWidth")
    await page.close()
    return wider


async def photograph() -> None:
    """Write every comment at every width."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, text in texts().items():
            for kind in WIDTHS:
                path = FOLDER / f"{name}-{kind}.png"
                await overflowing(browser, text, kind, path)
                say(f"{path.relative_to(FOLDER.parents[1])}")
        await browser.close()


if __name__ == "__main__":
    if CHROMIUM is None:
        sys.exit("No chromium here: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    asyncio.run(photograph())
