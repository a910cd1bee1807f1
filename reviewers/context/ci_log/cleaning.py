"""Change here how a raw log line becomes readable text: without colors and timestamps, redrawn states only if they say something."""

import re

MAX_RAW = 4_000
# Keep the end of longer lines as well, because BuildKit and Bazel put the exit code there, after the command.
_TAIL = 1_200
_CUT = " … ".encode()
# A progress bar may redraw itself thousands of times in one line.
_MAX_STATES, _MAX_ERRORS = 400, 3
_STATE_BYTES = 64_000

# CSI, OSC and APC (ended by BEL or ST; Buildkite stamps lines with APC), two-byte escapes, and the caret form of some runners.
_ESCAPE = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]_P^X][^\x07\x1b]*(?:\x07|\x1b\\)?|_bk;t=\d{1,20}\x07|\x1b[ -/]*[0-~]|\^\[\[\[?[0-9;]{0,12}m"
)
# GitLab adds the stream of the line (`01O`, with `+` if the line continues) to the timestamp.
_STAMP = re.compile(rb"(?:\xef\xbb\xbf)?\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)(?: ?\d\d[OE](?:[+ ]|$))? ?")
_ERROR = re.compile(rb"error|fail|fatal|panic|exception|\xe2\x9c[\x95-\x98]|\xe2\x9d\x8c", re.I)


def clean(raw: bytes) -> str:
    """The text of a line without its newline; beyond 4,000 bytes, its beginning and its end."""
    if b"\r" in raw:
        raw = raw.rstrip(b"\r")
        if b"\r" in raw:
            return _states(raw)
    return _one(raw)


def _states(raw: bytes) -> str:
    """The last state that shows something, after earlier states that report an error."""
    if len(raw) > _STATE_BYTES:
        raw = raw[: _STATE_BYTES // 2] + b"\r" + raw[-_STATE_BYTES // 2 :]
    states = raw.split(b"\r")
    if len(states) > _MAX_STATES:
        states = states[: _MAX_STATES // 2] + states[-_MAX_STATES // 2 :]
    last = ""
    while states and not last:
        last = _one(states.pop())
    errors = [text for state in states if _ERROR.search(state) and (text := _one(state)) and text not in last]
    return "  ".join((*dict.fromkeys(errors[-_MAX_ERRORS:]), last))


def _one(raw: bytes) -> str:
    if stamp := _STAMP.match(raw):
        raw = raw[stamp.end() :]
    if b"\x1b" in raw or b"^[[" in raw or b"_bk;t=" in raw:
        raw = _ESCAPE.sub(b"", raw[: 4 * MAX_RAW])
        if stamp := _STAMP.match(raw):
            raw = raw[stamp.end() :]
    if len(raw) > MAX_RAW:
        raw = raw[: MAX_RAW - _TAIL] + _CUT + raw[-_TAIL:]
    text = raw.decode("utf-8", "replace")
    return (text if text.isprintable() else _printable(text)).rstrip()


def _printable(text: str) -> str:
    """Tabs and other blanks as spaces; without control, bidi and invisible characters."""
    text = text.replace("\t", "    ")
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else " " if sign.isspace() else "" for sign in text)
