"""Checks whether a text contains a secret in any readable spelling; it shares nothing with the product's filter."""

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Iterable

_RUN = 12


def holds(text: str, secrets: Iterable[str]) -> bool:
    """Whether 12 consecutive letters and digits of a secret can be read from a text."""
    readings = _readings(text)
    return any(not piece.isdisjoint(windows) for piece in (_pieces(secret) for secret in secrets) for windows in readings)


def _readings(text: str) -> list[set[str]]:
    decoded = [text, html.unescape(text), urllib.parse.unquote(text), html.unescape(urllib.parse.unquote(text))]
    decoded.append(re.sub(r"\\x([0-9a-fA-F]{2})|\\u00([0-9a-fA-F]{2})", lambda found: chr(int(found[1] or found[2], 16)), text))
    decoded += [_base64(word) for word in re.findall(r"[A-Za-z0-9+/_-]{16,}={0,2}", text)]
    decoded += [_hex(word) for word in re.findall(r"(?:[0-9a-fA-F]{2}){12,}", text)]
    return [_pieces(each, whole=True) for each in dict.fromkeys(decoded) if each]


def _base64(word: str) -> str:
    plain = word.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain[: len(plain) // 4 * 4]).decode("latin-1")
    except (binascii.Error, ValueError):
        return ""


def _hex(word: str) -> str:
    return bytes.fromhex(word).decode("latin-1")


def _pieces(text: str, *, whole: bool = False) -> set[str]:
    """Its windows; a key's frame is no secret, and the middle of a secret is enough to recognize it."""
    if not whole:
        text = re.sub(r"-----[A-Z ]+-----", "", text)
    letters = re.sub(r"[^a-z0-9]", "", text.lower())
    return {letters[at : at + _RUN] for at in range(len(letters) - _RUN + 1)}
