"""Change here what a model may have copied along with the code that it quotes: fences, line numbers, diff marks."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.context.hidden_characters import show_hidden

_FENCE = re.compile(r"^\s*(```|~~~)")
_NUMBERED = re.compile(r"^\s*\d+(?:\s[-+ ](?:\s|$)|\s*[|:]\s?)")


class Quote(NamedTuple):
    """The lines of a quote. `at_line_start` means that a mark was removed from its first line, so it must begin a line of the file.

    `deleted` means that it carried the mark of deleted lines and matches no other. `removed` are the deleted lines in a quoted piece of
    diff.
    """

    lines: tuple[str, ...]
    at_line_start: bool = False
    deleted: bool = False
    removed: tuple[str, ...] = ()


def variants(text: str) -> list[Quote]:
    """The quote as given, and without the fence, the line numbers or the diff marks that a model may have added."""
    given = _trim([line.rstrip() for line in show_hidden(text.replace("\r\n", "\n")).split("\n")])
    if not given:
        return []
    bare = _unfenced(given)
    forms = [Quote(tuple(given))]
    if bare and bare != given:
        forms.append(Quote(tuple(bare)))
    if bare and all(_NUMBERED.match(line) or not line for line in bare):
        forms.append(Quote(tuple(_trim([_NUMBERED.sub("", line) for line in bare])), at_line_start=True))
    if any(line.lstrip()[:1] in ("+", "-") for line in bare):
        forms.append(_unmarked(bare))
    return [form for form in forms if form.lines]


def _unfenced(lines: list[str]) -> list[str]:
    if not _FENCE.match(lines[0]):
        return lines
    return _trim(lines[1:-1] if _FENCE.match(lines[-1]) else lines[1:])


def _unmarked(lines: Sequence[str]) -> Quote:
    """The new side of a quoted piece of diff; its old side if only deleted lines were quoted."""
    removed = [line.replace("-", " ", 1) for line in lines if line.lstrip().startswith("-")]
    left = [line.replace("+", " ", 1) if line.lstrip().startswith("+") else line for line in lines if not line.lstrip().startswith("-")]
    if any(line.strip() for line in left):
        return Quote(tuple(_trim(left)), at_line_start=True, removed=tuple(removed))
    return Quote(tuple(_trim(removed)), at_line_start=True, deleted=True)


def _trim(lines: Sequence[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return list(lines[start:end])
