"""Keeps our own secrets out of posts, logs and error pages: any fragment of 12 letters and digits, in any encoding.

To support another encoding, add what it makes of a secret to `_forms`, or how to decode it to `_ESCAPE`.
"""

import base64
import codecs
import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

WINDOW = 12
# In round brackets: square ones would make a link of a following text in brackets.
REMOVED = "(removed)"

# Percent, entities, \x41, \u0041, \u{41}, \101 and 0x41. Text that is escaped twice is decoded twice.
_ESCAPE = re.compile(
    r"%(?P<percent>[0-9A-Fa-f]{2})|&#(?P<decimal>\d{1,7});?|&#[xX](?P<entity>[0-9A-Fa-f]{1,6});?|&(?P<name>[A-Za-z]{2,8});"
    r"|\\u\{?(?P<unicode>[0-9A-Fa-f]{2,6})\}?|\\x(?P<hex>[0-9A-Fa-f]{2})|\\(?P<octal>[0-3][0-7]{2})|\b0x(?P<literal>[0-9A-Fa-f]{2})\b"
)
_DEPTH = 2
_FRAME = re.compile(r"`{1,400}+|~{3,400}+|\n|(?<!\\)(?:\]\(|\[|\|)")
# The tags and markers that Council writes. A removed part next to one may by chance continue with the first letters of it.
_OWN = re.compile(r"</?(?:details|summary|sub|code|br)(?: open)? ?/?>|<!-- council:[a-z]+ [^<>\n]*-->")
_MOST_OWN_LETTERS = 4
_SIGNS = re.compile(r"[^a-z0-9]+")
# Common database passwords: masking them would mask ordinary words.
_WORDS = frozenset({"postgrespassword", "mysecretpassword", "changemeplease", "councilcouncil", "passwordpassword", "administrator"})


class _Read(NamedTuple):
    """A decoded character, and its position in the text."""

    char: str
    start: int
    end: int


class Secrets:
    """A set of fragments, built once per process from the secrets' values."""

    def __init__(self, values: Iterable[str]) -> None:
        self._windows = frozenset(window for value in values for form in _forms(value) for window in _windows(form))

    def removed(self, text: str) -> str:
        """The text without our secrets."""
        if not self._windows or not self._is_in(text):
            return text
        plain = [_Read(char, at, at + 1) for at, char in enumerate(text)]
        found = self._found(plain)
        for _ in range(_DEPTH):
            decoded = _decoded(plain)
            if len(decoded) == len(plain):
                break
            plain = decoded
            found += self._found(plain)
        for start, end in reversed(_merged(_outside(found, [match.span() for match in _OWN.finditer(text)]))):
            text = text[:start] + REMOVED + _frame(text[start:end]) + text[end:]
        return text

    def _is_in(self, text: str) -> bool:
        """Whether there is anything to remove, in a fraction of the time needed to find where."""
        for _ in range(_DEPTH + 1):
            said = _SIGNS.sub("", text.lower())
            if not self._windows.isdisjoint(said[at : at + WINDOW] for at in range(len(said) - WINDOW + 1)):
                return True
            decoded = _ESCAPE.sub(lambda found: _meant(found) or found[0], text)
            if decoded == text:
                return False
            text = decoded
        return False

    def _found(self, read: Sequence[_Read]) -> list[list[_Read]]:
        """The letters of each fragment of a secret."""
        kept = [(folded, one) for one in read if (folded := _folded(one.char))]
        kept = [(letter, one) for folded, one in kept for letter in folded]
        said = "".join(letter for letter, _ in kept)
        windows = self._windows
        places = [at for at in range(len(said) - WINDOW + 1) if said[at : at + WINDOW] in windows]
        return [[one for _, one in kept[at : at + WINDOW]] for at in places]

    def __repr__(self) -> str:
        return "Secrets(…)"


@lru_cache(maxsize=16)
def secret_filter(values: tuple[str, ...]) -> Secrets:
    """The filter for these secrets. Building one takes some milliseconds per private key."""
    return Secrets(values)


def url_secrets(url: str) -> tuple[str, ...]:
    """The password in the URL of a database or a queue, encoded and decoded. None that is short or a common word."""
    try:
        password = urlsplit(url).password or ""
    except ValueError:
        return ()
    meant = unquote(password)
    return tuple({password, meant}) if is_telling(meant) else ()


def is_telling(password: str) -> bool:
    """Whether a password is long and rare enough to keep its parts out of texts."""
    folded = _folded(password)
    return len(folded) >= WINDOW and folded not in _WORDS and len(set(folded)) > 4


def _decoded(read: Sequence[_Read]) -> list[_Read]:
    text = "".join(one.char for one in read)
    if len(text) != len(read):
        return list(read)
    out: list[_Read] = []
    at = 0
    for found in _ESCAPE.finditer(text):
        char = _meant(found)
        if len(char) != 1:
            continue
        out += read[at : found.start()]
        out.append(_Read(char, read[found.start()].start, read[found.end() - 1].end))
        at = found.end()
    return [*out, *read[at:]]


def _meant(found: re.Match[str]) -> str:
    if found["name"]:
        return html.unescape(found[0])
    if found["decimal"]:
        code = int(found["decimal"])
    elif found["octal"]:
        code = int(found["octal"], 8)
    else:
        code = int(next(filter(None, (found[name] for name in ("percent", "entity", "unicode", "hex", "literal")))), 16)
    return chr(code) if 0 < code < 0xD800 else ""


def _frame(taken: str) -> str:
    """The code marks, line ends, and marks of links and cells in a removed part: without them, the text behind it would become active.

    Two equal adjacent marks open and close, or close and open: both may be removed.
    """
    kept: list[str] = []
    for mark in _FRAME.findall(taken):
        if kept and kept[-1] == mark and mark[0] in "`~":
            kept.pop()
        elif mark != "\n" or kept[-2:] != ["\n", "\n"]:
            kept.append(mark)
    # A space on both sides: adjacent marks would form another, longer mark.
    return "".join(mark if mark == "\n" else f" {mark} " for mark in kept)


def _outside(found: Iterable[Sequence[_Read]], own: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """What to remove for each fragment: its parts outside of our tags, or all of it if many of its letters are in them."""
    starts = [start for start, _ in own]
    for letters in found:
        inside = [_is_inside(one, own, starts) for one in letters]
        if sum(inside) > _MOST_OWN_LETTERS:
            inside = [False] * len(letters)
        for is_own, run in groupby(zip(inside, letters, strict=True), key=itemgetter(0)):
            if not is_own:
                part = [one for _, one in run]
                yield part[0].start, part[-1].end


def _is_inside(one: _Read, own: Sequence[tuple[int, int]], starts: Sequence[int]) -> bool:
    at = bisect_right(starts, one.start) - 1
    return at >= 0 and one.end <= own[at][1]


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _folded(text: str) -> str:
    """Only ASCII letters and digits, in lower case: characters between them do not hide a secret."""
    return _SIGNS.sub("", text.lower())


def _forms(value: str) -> set[str]:
    # The frame of a PEM is not secret, and would match every key that a pull request mentions.
    core = re.sub(r"-----[A-Z ]+-----", "", value)
    forms: set[str] = set()
    for plain in (core, core[::-1], codecs.encode(core, "rot13")):
        raw = plain.encode()
        forms |= {plain, raw.hex(), "".join(str(byte) for byte in raw)}
        for shift in range(3):
            padded = b"\0" * shift + raw
            forms.add(base64.b64encode(padded).decode()[4 if shift else 0 : -4])
            # The characters of URL-safe base64 differ only in symbols, which are skipped.
        for shift in range(5):
            forms.add(base64.b32encode(b"\0" * shift + raw).decode()[8 if shift else 0 : -8])
    return {_folded(form) for form in forms}


def _windows(form: str) -> Iterable[str]:
    for at in range(len(form) - WINDOW + 1):
        window = form[at : at + WINDOW]
        if len(set(window)) > 4:
            yield window
