"""Handles characters that a person cannot see in a diff: shown to models as \\u{…} in code, dropped from prose."""

import re

_INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U000e0000-\U000e0fff\U0001d173-\U0001d17a"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}\x00-\x08\x0e-\x1f\x7f-\x9f]")
# UTF-8 has no form for half of a surrogate pair, and PostgreSQL's text and jsonb cannot contain NUL.
_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def show_hidden(code: str) -> str:
    """Code with every invisible or bidirectional character written out; the number of lines stays."""
    return _HIDDEN.sub(lambda found: f"\\u{{{ord(found[0]):x}}}", code)


def strip_hidden(prose: str) -> str:
    """Prose without HTML comments and invisible characters; the number of lines stays."""
    without = _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), prose)
    return _HIDDEN.sub("", without)


def without_broken_characters(text: str) -> str:
    """The text with U+FFFD for each character that cannot be encoded or stored."""
    return _UNSTORABLE.sub("\ufffd", text)
