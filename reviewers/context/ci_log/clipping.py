"""Change here how much of a long line is shown, and around which part of it."""

from reviewers.context.ci_log.signals import find_further

CLIP = 240
_HEAD, _FOUND = 200, 200
_MARK = "…"
_WORTH = 6.0


def clip(text: str) -> str:
    """A line as shown: the beginning of a long one, plus a later part that says what failed."""
    if len(text) <= CLIP:
        return text
    signal = find_further(text)
    if signal is None or signal.weight < _WORTH:
        return text[: CLIP - 1] + _MARK
    start = max(_HEAD, signal.at)
    stop = start + _FOUND
    return f"{text[:_HEAD]} {_MARK} {text[start:stop].strip()}{_MARK if stop < len(text) else ''}"
