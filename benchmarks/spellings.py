"""Spellings of a secret that a reader recognizes but a filter may not. Add one to `SPELLINGS`."""

import base64
import codecs
import html
from collections.abc import Callable, Mapping
from urllib.parse import quote


def _each(form: str, join: str = "") -> Callable[[str], str]:
    return lambda text: join.join(form.format(byte) for byte in text.encode())


def _base64(shift: int) -> Callable[[str], str]:
    return lambda text: base64.b64encode(b"x" * shift + text.encode()).decode()


def _wrapped(text: str) -> str:
    whole = base64.b64encode(text.encode()).decode()
    return "\n".join(whole[at : at + 20] for at in range(0, len(whole), 20))


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "as it is": str,
    "upper case": str.upper,
    "other case": str.swapcase,
    "reversed": lambda text: text[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "base64": _base64(0),
    "base64 after one byte": _base64(1),
    "base64 after two bytes": _base64(2),
    "base64 in lines": _wrapped,
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(b"\xfb" + text.encode()).decode(),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base32 after three bytes, small": lambda text: base64.b32encode(b"xyz" + text.encode()).decode().lower(),
    "hex": lambda text: text.encode().hex(),
    "HEX": lambda text: text.encode().hex().upper(),
    "hex with colons": _each("{:02x}", ":"),
    "bytes": _each("{}", ", "),
    "0x": _each("0x{:02x}", " "),
    "percent": _each("%{:02X}"),
    "percent twice": lambda text: quote(_each("%{:02x}")(text), safe=""),
    "entities": _each("&#{};"),
    "entities in hex": _each("&#x{:x};"),
    "entities twice": lambda text: html.escape(_each("&#{};")(text)),
    "\\x": _each("\\x{:02x}"),
    "\\u": _each("\\u{:04x}"),
    "octal": _each("\\{:03o}"),
    "spaced": " ".join,
    "dashed": "-".join,
    "in pieces of code": "`.`".join,
    "joined by nothing wide": "\u200b".join,
}
