"""A model's quote of code, as given and without what a model may have copied along or changed: numbers, diff marks, fences, case, quotes."""

import re
from collections.abc import Sequence

from reviewers.context.invisible import visible

_FENCE = re.compile(r"^\s*(```|~~~)")
_NUMBERED = re.compile(r"^\s*\d+(?:\s[-+ ](?:\s|$)|\s*[|:]\s?)")
_SAME = str.maketrans({"'": '"', "`": '"', "‘": '"', "’": '"', "“": '"', "”": '"', "–": "-", "—": "-"})


def variants(quote: str) -> list[list[str]]:
    """The quote's lines as given, and without the line numbers and diff marks a model may have copied along."""
    lines = [line.rstrip() for line in visible(quote.replace("\r\n", "\n")).split("\n") if not _FENCE.match(line)]
    given = _trim(lines)
    unnumbered = (
        _trim([_NUMBERED.sub("", line) for line in given]) if given and all(_NUMBERED.match(line) or not line for line in given) else []
    )
    unmarked = _trim(_unmark(given)) if any(line.lstrip()[:1] in ("+", "-") for line in given) else []
    return [each for each in (given, unnumbered, unmarked) if each]


def compact(line: str) -> str:
    """A line without any white space."""
    return "".join(line.split())


def folded(line: str) -> str:
    """A line without white space, in one case and with one kind of quotes."""
    return compact(line).translate(_SAME).casefold()


def _unmark(lines: Sequence[str]) -> list[str]:
    """The new side of a quoted piece of diff; its old side when nothing but deleted lines was quoted."""
    left = [line for line in lines if not line.lstrip().startswith("-")]
    mark = "+" if any(line.strip() for line in left) else "-"
    return [line.replace(mark, " ", 1) if line.lstrip().startswith(mark) else line for line in (left if mark == "+" else lines)]


def _trim(lines: Sequence[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and not lines[end - 1].strip():
        end -= 1
    return list(lines[start:end])
