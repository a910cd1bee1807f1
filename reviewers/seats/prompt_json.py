"""Formats proposals for prompts: one JSON object per line, which no text inside can close or leave."""

import json
import re
from collections.abc import Iterable

_ESCAPED = re.compile("[<\x85\u2028\u2029]")


def json_lines(rows: Iterable[dict[str, str | int | None]]) -> str:
    """One object per line; "<" and characters that some readers treat as line ends are escaped, so no value contains a closing tag."""
    return "\n".join(_ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(row, ensure_ascii=False)) for row in rows)


def letter_label(index: int) -> str:
    """A, B, … Z, AA, AB, …"""
    name = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        name = chr(ord("A") + digit) + name
    return name
