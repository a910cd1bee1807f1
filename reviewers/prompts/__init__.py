"""Loads the prompts, which are Markdown files in this folder; a prompt's version is the hash of its content."""

import hashlib
import re
from functools import cache
from importlib import resources

_SLOT = re.compile(r"\{\{(\w+)\}\}")


@cache
def text(name: str) -> str:
    """The text of a prompt's file."""
    return resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8").strip()


def version(name: str) -> str:
    """Twelve hex digits that change with every edit of the prompt."""
    return hashlib.sha256(text(name).encode()).hexdigest()[:12]


def render(name: str, **values: str) -> str:
    """The prompt with its slots filled, in one pass: a value that looks like a slot stays as it is."""
    return _SLOT.sub(lambda slot: values[slot[1]], text(name))
