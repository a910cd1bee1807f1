"""Selects the code around a change that its diff does not show: headers of enclosing definitions, the nearest lines, and gap marks."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest

from reviewers.context.diff import FileDiff, Row, parse
from reviewers.context.hidden_characters import show_hidden
from reviewers.context.languages import defines
from reviewers.context.notebooks.cell_lines import is_notebook
from reviewers.context.snapshot import ChangedFile
from reviewers.context.units import Unit, header, innermost, read_units, touched_units
from reviewers.text_cache import text_cache

NEAR = 20
_WORD = re.compile(r"[A-Za-z_$][\w$]{2,80}")
_SHORTEST, _MOST_HOMONYMS, _MOST_CALLED = 4, 3, 15


@text_cache(4_000_000, lambda file, near=NEAR: file.size)
def read_surroundings(file: ChangedFile, near: int = NEAR) -> str:
    """Numbered lines of the head that no hunk shows; "" if they would add only blank lines."""
    diff = parse(file.path, file.patch)
    if file.head is None or diff is None:
        return ""
    lines = file.head.removesuffix("\n").split("\n")
    shown: set[int] = set()
    wanted: set[int] = set()
    for first, last, around in _hunks(file):
        shown.update(range(first, last + 1))
        for unit in around:
            wanted.update(range(unit.start, unit.header + 1))
        wanted |= _near(first, last, around, near)
    numbers = sorted(number for number in wanted - shown if 1 <= number <= len(lines))
    if is_notebook(file.path):
        # In a notebook, everything but source is blank, often thousands of lines.
        numbers = [number for number in numbers if lines[number - 1]]
    return _numbered(lines, numbers) if any(lines[number - 1].strip() for number in numbers) else ""


@text_cache(4_000_000, lambda file: file.size)
def _hunks(file: ChangedFile) -> tuple[tuple[int, int, tuple[Unit, ...]], ...]:
    """Per hunk that shows lines of the head: its first and last line, and the definitions that contain its changed lines."""
    diff = parse(file.path, file.patch)
    found = read_units(file.path, file.head or "")
    rows = (hunk.rows for hunk in diff.hunks) if diff else ()
    return tuple(
        (numbers[0], numbers[-1], tuple(touched_units(found, _changed(each))))
        for each in rows
        if (numbers := [row.new for row in each if row.new is not None])
    )


def _changed(rows: Iterable[Row]) -> set[int]:
    """The changed lines of a hunk; deleted ones count at their former place."""
    out: set[int] = set()
    at = 0
    for row in rows:
        at = row.new or at
        if row.mark != " ":
            out.add(at)
    return out


def _near(first: int, last: int, around: Sequence[Unit], near: int) -> set[int]:
    """Lines next to a hunk: those of the innermost definitions if there are any, else the nearest lines."""
    close = set(range(first - near, last + near + 1))
    # In the order of their beginnings: one that contains no other is followed by one that ends after it.
    inner = [unit for unit, following in zip_longest(around, around[1:]) if following is None or following.end > unit.end]
    if not inner:
        return close
    return close & {line for unit in inner for line in range(unit.start, unit.end + 1)}


def _numbered(lines: Sequence[str], wanted: Sequence[int]) -> str:
    parts: list[str] = []
    for index, number in enumerate(wanted):
        if index and number != wanted[index - 1] + 1:
            parts.append("   ...")
        parts.append(f"{number:>6}   {show_hidden(lines[number - 1])}".rstrip())
    return "\n".join(parts)


class CalledDefinitions:
    """The definitions in all changed files by name, to show the headers of those that changed lines use."""

    def __init__(self, files: Iterable[ChangedFile]) -> None:
        self._known: Mapping[str, list[tuple[str, Unit, list[str]]]] = defaultdict(list)
        for file in files:
            lines = (file.head or "").split("\n")
            for unit in read_units(file.path, file.head or "") if defines(file.path) else ():
                if len(unit.name) >= _SHORTEST:
                    self._known[unit.name].append((file.path, unit, lines))

    def by(self, diff: FileDiff) -> list[str]:
        """`path:line: header` of definitions in other changed files that a file's added lines use, without names that are defined often."""
        added = "\n".join(row.text for hunk in diff.hunks for row in hunk.rows if row.mark == "+")
        out = []
        for name in dict.fromkeys(_WORD.findall(added)):
            places = self._known.get(name, ())
            if 0 < len(places) <= _MOST_HOMONYMS:
                out += [f"{path}:{unit.start}: {show_hidden(header(unit, lines))}" for path, unit, lines in places if path != diff.path]
        return out[:_MOST_CALLED]


@text_cache(4_000_000, lambda file: file.size)
def signatures(file: ChangedFile) -> tuple[str, ...]:
    """The headers of the definitions whose lines a change touched, with their former header if it differs."""
    diff = parse(file.path, file.patch)
    if file.head is None or diff is None or not defines(file.path):
        return ()
    lines = file.head.split("\n")
    found = read_units(file.path, file.head)
    before = _headers(file.previous_path or file.path, file.base)
    out = []
    for unit in innermost(found, diff.added()):
        now, then = header(unit, lines), before.get(unit.qualified)
        out.append(f"{unit.qualified}: {now}" + (f" (was: {then})" if then is not None and then != now else ""))
    gone = [name for name in before if name not in {unit.qualified for unit in found}]
    return tuple(show_hidden(each) for each in [*out, *(f"{name}: removed (was: {before[name]})" for name in gone)])


def _headers(path: str, text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    lines = text.split("\n")
    return {unit.qualified: header(unit, lines) for unit in read_units(path, text)}
