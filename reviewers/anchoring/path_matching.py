"""Finds the file that a model's path means: change here which spellings count as the same path."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

# git writes a path's bytes as \303\251 within quotes unless core.quotePath is off; JSON writes its letters as \u00e9.
_OCTAL = re.compile(r"(?:\\[0-3][0-7]{2})+")
_UNICODE = re.compile(r"(?:\\u\{?[0-9a-fA-F]{4,6}\}?)+")
_ONE = re.compile(r"\\u\{?([0-9a-fA-F]{4,6})\}?")
_LETTERS = re.compile(r"\\([\"\\tnr])")
_LETTER = {"t": "\t", "n": "\n", "r": "\r"}


def match_path(said: str, known: Iterable[str]) -> str | None:
    """The known path that is meant: verbatim, in another Unicode form, unescaped, or else in another case, if only one fits."""
    paths = list(dict.fromkeys(known))
    for same in (_exact, _composed, _folded):
        for spelling in _spellings(said):
            for name in (spelling, *(spelling[2:] for prefix in ("a/", "b/") if spelling.startswith(prefix))):
                found = [path for path in paths if same(path) == same(name)]
                if len(found) == 1:
                    return found[0]
    return None


def match_end(said: str, known: Iterable[str]) -> str | None:
    """The known path that ends with the given one, in any of these spellings, if only one does."""
    paths = list(dict.fromkeys(known))
    for same in (_exact, _composed, _folded):
        for spelling in _spellings(said):
            found = [path for path in paths if same(path).endswith(f"/{same(spelling)}")]
            if len(found) == 1:
                return found[0]
    return None


def _spellings(said: str) -> Iterator[str]:
    """The path without the text around it, in all spellings that its escapes allow."""
    written = said.strip().strip("`").strip()
    for text in dict.fromkeys(chain.from_iterable((one, unescape(one)) for one in (written, written.strip("\"'")))):
        if name := text.removeprefix("./").lstrip("/"):
            yield name


def unescape(path: str) -> str:
    """A path with git's octal and JSON's escapes resolved; bytes that are not UTF-8 stay escaped."""
    if "\\" not in path:
        return path

    def octal(found: re.Match[str]) -> str:
        data = bytes(int(digits, 8) for digits in found[0].split("\\")[1:])
        try:
            return data.decode()
        except UnicodeDecodeError:
            return found[0]

    def letters(found: re.Match[str]) -> str:
        codes = [int(code, 16) for code in _ONE.findall(found[0])]
        if any(code > 0x10FFFF for code in codes):
            return found[0]
        # Two halves of a surrogate pair are one letter.
        text = "".join(map(chr, codes)).encode("utf-16", "surrogatepass")
        return text.decode("utf-16", "replace")

    path = _UNICODE.sub(letters, _OCTAL.sub(octal, path))
    return _LETTERS.sub(lambda found: _LETTER.get(found[1], found[1]), path)


def _exact(path: str) -> str:
    return path


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


def _folded(path: str) -> str:
    return _composed(_composed(path).casefold())
