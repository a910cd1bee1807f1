"""Text from models on pages: escape it, and format `code` as code."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_CODE = re.compile(r"`([^`\n]+)`")


def prose(text: str) -> "Markup":
    """The escaped text; a pair of backticks in one line becomes code."""
    from markupsafe import Markup, escape

    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 — escaped just before
