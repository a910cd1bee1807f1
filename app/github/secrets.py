"""Keeps our own secrets out of what is posted: any fragment of 12 characters, plain, reversed, base64 or hex."""

import base64
import re
from collections.abc import Iterable

WINDOW = 12
REMOVED = "[removed]"

# Markdown escapes and invisible characters may stand inside a fragment and still be read as one.
_SKIPPED = re.compile(r"[\s\\\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]")


class Secrets:
    """A set of fragments; built once a process from the secrets' values."""

    def __init__(self, values: Iterable[str]) -> None:
        self._windows = frozenset(window for value in values for form in _forms(value) for window in _windows(form))

    def removed(self, text: str) -> str:
        """The text without our secrets."""
        if not self._windows:
            return text
        kept = [(index, char) for index, char in enumerate(text) if not _SKIPPED.match(char)]
        squeezed = "".join(char for _, char in kept)
        spans: list[tuple[int, int]] = []
        for at in range(len(squeezed) - WINDOW + 1):
            if squeezed[at : at + WINDOW] not in self._windows:
                continue
            start, end = kept[at][0], kept[at + WINDOW - 1][0] + 1
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        for start, end in reversed(spans):
            text = text[:start] + REMOVED + text[end:]
        return text

    def __repr__(self) -> str:
        return "Secrets(…)"


def _forms(value: str) -> set[str]:
    # The frame of a PEM is no secret, and would match every key that a pull request talks about.
    core = re.sub(r"-----[A-Z ]+-----", "", value)
    forms: set[str] = set()
    for plain in (core, core[::-1]):
        raw = plain.encode()
        forms |= {plain, raw.hex(), raw.hex().upper()}
        for shift in range(3):
            forms |= {
                base64.b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 : -4],
                base64.urlsafe_b64encode(b"\0" * shift + raw).decode()[4 if shift else 0 : -4],
            }
    return {_SKIPPED.sub("", form) for form in forms}


def _windows(form: str) -> Iterable[str]:
    for at in range(len(form) - WINDOW + 1):
        window = form[at : at + WINDOW]
        if len(set(window)) > 4:
            yield window
