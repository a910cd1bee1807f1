"""Makes text from models and pull requests harmless in a message: one line, no control characters, no mention, no link."""

import re
import unicodedata

_BREAK = "\u200b"
_LONGEST = 300
# What starts a mention, a template or a control sequence.
_ALIVE = ("@", "{{", "${", "<!", "<#")
_SCHEME = re.compile(r"(?<=[A-Za-z]):(?=//)|\b(?<=mailto):|\b(?<=www)\.", re.I)


def flatten(text: str, limit: int = _LONGEST) -> str:
    """One line of at most `limit` characters, without characters that control, hide or reorder text."""
    kept = ("" if unicodedata.category(sign) in {"Cf", "Cs", "Co", "Cn"} and sign not in "\u200c\u200d" else sign for sign in text)
    spaced = "".join(" " if unicodedata.category(sign) == "Cc" else sign for part in kept for sign in part)
    line = " ".join(spaced.split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def defuse(text: str, limit: int = _LONGEST) -> str:
    """The same, with zero-width spaces that break what chat and mail programs make active: mentions, links, templates."""
    line = _SCHEME.sub(lambda found: found[0] + _BREAK, flatten(text, limit))
    for alive in _ALIVE:
        line = line.replace(alive, f"{alive[0]}{_BREAK}{alive[1:]}")
    return line
