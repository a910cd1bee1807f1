"""One raw log line as a person would read it: no colours, no timestamp, and of a bar that redraws itself the last state."""

import re

MAX_RAW = 4_000

# CSI, OSC (ended by BEL or ST), two-byte escapes, and the caret form in which some runners print the escape itself.
_ESCAPE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|\^\[\[\[?[0-9;]{0,12}m")
_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) ?")


def clean(raw: bytes) -> str:
    """The text of a line without its newline; at most 4,000 bytes of it are looked at."""
    if b"\r" in raw:
        raw = raw.rstrip(b"\r").rsplit(b"\r", 1)[-1]
    if len(raw) > MAX_RAW:
        raw = raw[:MAX_RAW]
    if stamp := _STAMP.match(raw):
        raw = raw[stamp.end() :]
    if b"\x1b" in raw or b"^[[" in raw:
        raw = _ESCAPE.sub(b"", raw)
    text = raw.decode("utf-8", "replace")
    return (text if text.isprintable() else _printable(text)).rstrip()


def _printable(text: str) -> str:
    """Tabs and other blanks as spaces; control, bidi and invisible characters gone."""
    text = text.replace("\t", "    ")
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)
