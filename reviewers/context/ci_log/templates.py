"""Masks what changes from run to run: two lines with one template mean the same."""

import re
from array import array

from reviewers.context.ci_log.lines import LogLines, line_windows

_NUMBER = re.compile(r"\d+")
_DIGITS = b"0123456789"
_HEXADECIMAL = b"0123456789abcdefABCDEF"
# A commit, a digest, an id: seven or more hexadecimal digits, some of them decimal.
_ID = re.compile(r"(?<![0-9A-Za-z])(?=[0-9a-fA-F]{0,40}\d)[0-9a-fA-F]{7,64}(?![0-9A-Za-z])")
_PROSE = 8


def template(text: str) -> str:
    """A cleaned line with its numbers masked."""
    return _NUMBER.sub("0", text)


def mark_unseen(lines: LogLines, green: bytes) -> bytearray:
    """One byte per line: 1 if no line of the passing log has the same template.

    Numbers are always masked. Hexadecimal ids are masked only in lines that contain one, because different words look alike without
    these letters. Deleting bytes costs a fiftieth of a pattern.
    """
    numbers, ids = set[int](), set[int]()
    for start, stop in line_windows(green):
        window = green[start:stop]
        numbers.update(map(hash, window.translate(None, _DIGITS).split(b"\n")))
        ids.update(hash(line) for line in window.translate(None, _HEXADECIMAL).split(b"\n") if len(line) >= _PROSE)
    flags = bytearray()
    for start, stop in line_windows(lines.data):
        window = lines.data[start:stop].removesuffix(b"\n").translate(None, _DIGITS)
        flags.extend(hash(line) not in numbers for line in window.split(b"\n"))
    left = array("Q", (index for index, flag in enumerate(flags) if flag))
    for index in left:
        raw = lines.raw(index)
        # Compare the hash first, because cleaning a line takes 20 times as long.
        if not raw.strip() or (hash(raw.translate(None, _HEXADECIMAL)) in ids and _ID.search(lines.text(index))):
            flags[index] = 0
    return flags
