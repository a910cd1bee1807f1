"""What a model wrote, as a page shows it: escaped, and code set as code."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markupsafe import Markup

_CODE = re.compile(r"`([^`\n]+)`")


def prose(text: str) -> "Markup":
    """Everything is escaped first; only a pair of backticks in one line means something."""
    from markupsafe import Markup, escape

    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 — escaped just before
