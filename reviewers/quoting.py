"""A model's quote of code, as given and without what a model may have copied along or changed: numbers, marks, fences, case, quotes."""

import re
from collections.abc import Sequence

from reviewers.context.invisible import visible

_FENCE = re.compile(r"^\s*(```|~~~)")
_NUMBERED = re.compile(r"^\s*\d+(?:\s[-+ ](?:\s|$)|\s*[|:]\s?)")
_SAME = str.maketrans({"'": '"', "`": '"', "‘": '"', "’": '"', "“": '"', "”": '"', "–": "-", "—": "-"})


def variants(quote: str) -> list[list[str]]:
    """The quote's lines as given, and without the fence, the line numbers or the diff marks a model may have put around them."""
    given = _trim([line.rstrip() for line in visible(quote.replace("\r\n", "\n")).split("\n")])
    if not given:
        return []
    bare = _unfenced(given)
    unnumbered = _trim([_NUMBERED.sub("", line) for line in bare]) if all(_NUMBERED.match(line) or not line for line in bare) else []
    unmarked = _trim(_unmark(bare)) if any(line.lstrip()[:1] in ("+", "-") for line in bare) else []
    return [each for index, each in enumerate((given, bare, unnumbered, unmarked)) if each and (index != 1 or bare != given)]


def _unfenced(lines: list[str]) -> list[str]:
    if not _FENCE.match(lines[0]):
        return lines
    return _trim(lines[1:-1] if _FENCE.match(lines[-1]) else lines[1:])


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
