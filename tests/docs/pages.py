"""The generated pages: add one here with the function that writes it, and name it in mkdocs.yml."""

from collections.abc import Callable, Mapping
from pathlib import Path

from tests.docs import api_page, cli_page, commands_page, council_yml_page, llms, metrics_page, promises_page, settings_page

ROOT = Path(__file__).parents[2]
NOTE = "<!-- Written by `make docs` from the code. Change the code, not this page. -->\n"

PAGES: Mapping[str, Callable[[], str]] = {
    "docs/reference/commands.md": commands_page.write,
    "docs/reference/settings.md": settings_page.write,
    "docs/reference/council-yml.md": council_yml_page.write,
    "docs/reference/metrics.md": metrics_page.write,
    "docs/reference/cli.md": cli_page.write,
    "docs/reference/http-api.md": api_page.write,
    "docs/reference/promises.md": promises_page.write,
    # The last one, because it quotes the pages.
    "docs/llms.txt": llms.write,
}


def write_page(path: str) -> str:
    """The text of a page, with the note that it is generated."""
    text = PAGES[path]()
    return f"{NOTE}\n{text}" if path.endswith(".md") else text
