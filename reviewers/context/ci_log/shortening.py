"""Leaves out the middle of a log with very many lines, and of very long lines. Change here how many and how long they may be."""

from reviewers.context.ci_log.decoding import as_utf8

# 16 MB of empty lines took 185 MB. A log of 8 MB whose lines have 80 bytes has 100,000; each begins with a timestamp of 29.
MOST_LINES, HEAD_LINES = 100_000, 10_000
_LEFT_OUT = b"[the middle of the log was not read]\n"
# Of a line, at most that much at each end is read.
_WINDOW = 65_536


def shorten_log(log: bytes) -> bytes:
    """The log in UTF-8; with too many lines, its first and last ones with a line between them that says so."""
    log = _without_middles(as_utf8(log))
    lines = log.count(b"\n")
    if lines <= MOST_LINES:
        return log
    head, tail = _after(log, HEAD_LINES), _after(log, lines - MOST_LINES + HEAD_LINES)
    return log[:head] + _LEFT_OUT + log[tail:]


def _without_middles(log: bytes) -> bytes:
    """The log without parts of lines that are far from both of their ends."""
    starts = range(0, len(log), _WINDOW)
    is_inside = [log.find(b"\n", start, start + _WINDOW) < 0 for start in starts]
    is_far = [all(is_inside[at - 1 : at + 2]) for at in range(1, len(is_inside) - 1)]
    if not any(is_far):
        return log
    kept = (start for start, far in zip(starts, [False, *is_far, False], strict=True) if not far)
    return b"".join(log[start : start + _WINDOW] for start in kept)


def _after(log: bytes, lines: int) -> int:
    """Where the line after that many lines begins."""
    start = 0
    while (here := log.count(b"\n", start, start + _WINDOW)) < lines:
        lines -= here
        start += _WINDOW
    window = log[start : start + _WINDOW]
    return start + len(window) - len(window.split(b"\n", lines)[lines])
