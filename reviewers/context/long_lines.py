"""Change here how much of a very long line a model sees: the differences, the ends, and a count of the rest; encoded data is named."""

import re
from collections.abc import Sequence

from reviewers.context.diff import Row

# Characters; of lines that people type, fewer than one in a thousand is longer.
LONGEST = 400
_HEAD, _TAIL, _AROUND = 80, 60, 100
_MOST_CHANGED = LONGEST - 2 * _AROUND
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{200,}={0,2}")
_KINDS = {
    "iVBORw0KGgo": "a PNG image",
    "/9j/": "a JPEG image",
    "R0lGOD": "a GIF image",
    "UklGR": "a WebP image",
    "JVBERi0": "a PDF",
    "UEsDB": "a ZIP archive",
}


def clip_rows(rows: Sequence[Row]) -> tuple[Row, ...]:
    """The rows with long lines clipped; a removed and an added line at one place are clipped around their difference."""
    clipped: list[Row] = []
    at = 0
    while at < len(rows):
        removed = _run(rows, at, "-")
        added = _run(rows, at + len(removed), "+")
        if not removed and not added:
            clipped.append(_clip_row(rows[at], None))
            at += 1
            continue
        clipped += [_clip_row(row, added[index] if index < len(added) else None) for index, row in enumerate(removed)]
        clipped += [_clip_row(row, removed[index] if index < len(removed) else None) for index, row in enumerate(added)]
        at += len(removed) + len(added)
    return tuple(clipped)


def _run(rows: Sequence[Row], start: int, mark: str) -> Sequence[Row]:
    end = start
    while end < len(rows) and rows[end].mark == mark:
        end += 1
    return rows[start:end]


def _clip_row(row: Row, other: Row | None) -> Row:
    if len(row.text) <= LONGEST:
        return row
    return row._replace(text=clip_line(row.text, other.text if other is not None else ""))


def clip_line(text: str, other: str = "") -> str:
    """A long line's ends and its difference from the `other` version of it; base64 data is replaced by a name first."""
    text, other = _BASE64.sub(_name, text), _BASE64.sub(_name, other)
    if len(text) <= LONGEST:
        return text
    if not other:
        return _join(text, [(0, LONGEST - _TAIL), (len(text) - _TAIL, len(text))])
    before = _count_common(text, other)
    after = _count_common(text[before:][::-1], other[before:][::-1])
    start, end = max(0, before - _AROUND), min(len(text), len(text) - after + _AROUND)
    if end - start <= LONGEST:
        changed = [(start, end)]
    else:
        changed = [(start, start + _AROUND + _MOST_CHANGED // 2), (end - _AROUND - _MOST_CHANGED // 2, end)]
    return _join(text, [(0, _HEAD), *changed, (len(text) - _TAIL, len(text))])


def _count_common(one: str, two: str) -> int:
    """The length of the common beginning."""
    return next((at for at, (mine, theirs) in enumerate(zip(one, two, strict=False)) if mine != theirs), min(len(one), len(two)))


def _join(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The parts of a text at these spans, in order and without overlaps, with the length of each gap."""
    parts, at = [], 0
    for start, end in spans:
        if start > at:
            parts.append(f" […{start - at:,} characters…] ")
        parts.append(text[max(start, at) : end])
        at = max(at, end)
    return "".join(parts)


def _name(found: re.Match[str]) -> str:
    data = found[0]
    kind = next((kind for beginning, kind in _KINDS.items() if data.startswith(beginning)), "data")
    return f"[{kind} in base64, {len(data):,} characters]"
