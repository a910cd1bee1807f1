"""One raw log line as a person would read it: no colours, no timestamp, and of a bar that redraws itself the last state."""

import re

MAX_RAW = 4_000

# CSI, OSC (ended by BEL or ST), two-byte escapes, and the caret form in which some runners print the escape itself.
_ESCAPE = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|\^\[\[\[?[0-9;]{0,12}m")
_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d) ?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


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
    return text.rstrip() if text.isprintable() else _CONTROL.sub("", text.replace("\t", "    ")).rstrip()
