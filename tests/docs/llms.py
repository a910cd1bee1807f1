"""llms.txt (https://llmstxt.org): change here what a model that reads the documentation is pointed to first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.docs.markdown import prose

ROOT = Path(__file__).parents[2]
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HEAD = prose("""
# Council

> Council is a self-hosted GitHub App: models of several vendors review a pull request independently, criticize each
other's findings once, and Council posts one ranked review with checked evidence.
""")


def write() -> str:
    """Every page of the site with its first sentence, in the order of the menu."""
    menu: list[dict[str, Any]] = yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]
    parts = [_HEAD]
    for entry in menu:
        ((title, pages),) = entry.items()
        listed = [{title: pages}] if isinstance(pages, str) else pages
        parts.append(f"## {title}\n\n" + "".join(f"- [{name}]({path}): {about}\n" for name, path, about in _about(listed)) + "\n")
    return "".join(parts).rstrip("\n") + "\n"


def _about(pages: list[dict[str, str]]) -> Iterator[tuple[str, str, str]]:
    for page in pages:
        ((name, path),) = page.items()
        yield name, path, first_sentence((ROOT / "docs" / path).read_text("utf-8"))


def first_sentence(text: str) -> str:
    """The first sentence of a page's first paragraph; of a decision, what was decided."""
    lines = (line.removeprefix("- **Decision.** ") for line in text.split("\n"))
    paragraphs = (
        line for line in lines if line and not line.startswith(("#", "<", "|", "!", "```", "- ", ">")) and not _DATE.fullmatch(line)
    )
    return next(paragraphs, "").partition(". ")[0].rstrip(".:") + "."
