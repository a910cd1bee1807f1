"""Change here how USES is answered: the lines that use names, each under the definition around it, then the lines around them."""

import math
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.lexing import code_only
from reviewers.context.repository.line_selection import LineSelection, numbered_row
from reviewers.context.repository.look_page import LookPage, in_words, short_target
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.repository.name_looks import WantedName, choose_paths, join_clauses, suggest_names, wanted_name
from reviewers.context.units import Unit, enclosing_units

MOST_NAMES = 8
_CODE_BYTES, _MOST_LINES = 200_000, 400
# A mention in a comment or string counts less than any use in code.
_MENTION, _ROLE = 0.01, 0.1
_SPAN = re.compile(r"(.+):(\d+)(?:-(\d+))?", re.DOTALL)


class _UsedFile(NamedTuple):
    """A file and its lines that contain one of the names: the worth of each, and which lines only mention it."""

    path: str
    lines: Sequence[str]
    scores: Mapping[int, float]
    mentions: frozenset[int]
    units: Sequence[Unit]
    role: str


def use_paths(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The files to read for a USES, best first."""
    wanted = _wanted_names(look.target)
    return _paths(index, wanted)[0] if wanted else ()


def find_uses(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Lines that use the names in code, then those that mention them in comments and strings. FIND shows definitions.

    Lines in code come before mentions, rare names before common ones. The rest of the room shows the lines around them.
    """
    page, wanted = LookPage(look, tokens), _wanted_names(look.target)
    if not wanted:
        page.say(f"{short_target(look.target)!r} is no name of at least three characters")
        return page.answer()
    paths, more = _paths(index, wanted)
    files = [file for path in paths if path in texts if (file := _used_file(index, wanted, path, texts[path])).scores]
    # Sorting is stable, so files keep their order; mentions come after all code.
    files.sort(key=lambda file: len(file.mentions) == len(file.scores))
    names = ", ".join(f"`{each.name}`" for each in wanted)
    if not files:
        found = any(index.defining(each.name) for each in wanted)
        said = (
            f", and only {'its definition holds' if len(wanted) == 1 else 'definitions hold'} it"
            if found
            else suggest_names(index, wanted[0].name)
        )
        page.say(f"nothing at this commit uses {names}{said}")
        return page.answer(join_clauses("", more))
    seen = _spans(look.seen)
    count = sum(len(file.scores) for file in files)
    before = sum(row in seen.get(file.path, ()) for file in files for row in file.scores)
    note = f"; {before} of them you were shown before" if before else ""
    verb = "is" if len(wanted) == 1 else "are"
    page.say(f"{names} {verb} used in {in_words(count, 'line')} of {in_words(len(files), 'file')}{note}")
    left = count - before - _show(page, files, LineSelection(files, page.left, seen).choose_uses())
    return page.answer(join_clauses(f"{left} of {in_words(count, 'line')}" if left > 0 else "", more))


def _wanted_names(target: str) -> list[WantedName]:
    names = (wanted_name(part) for part in target[:400].split(","))
    return list(dict.fromkeys(name for name in names if name is not None))[:MOST_NAMES]


def _paths(index: RepositoryIndex, wanted: Sequence[WantedName]) -> tuple[list[str], int]:
    """The files that contain the names, those with the rarest names first."""
    worth: dict[int, float] = {}
    for name in wanted:
        for number in index.holding(name.name):
            worth[number] = worth.get(number, 0.0) + _rarity(index, name.name)
    return choose_paths(index, wanted[0], tuple(worth), worth if len(wanted) > 1 else {})


def _rarity(index: RepositoryIndex, name: str) -> float:
    return math.log((index.readable + 1) / (index.frequency(name) + 0.5)) ** 2 + 0.01


def _used_file(index: RepositoryIndex, wanted: Sequence[WantedName], path: str, text: str) -> _UsedFile:
    number = index.number[path]
    units, lines, file = index.definitions(number), text.split("\n"), index.files[number]
    code = code_only(path, text).split("\n") if len(text) <= _CODE_BYTES else lines
    scores: dict[int, float] = {}
    used: set[int] = set()
    for name in wanted:
        own = {row for unit in units if unit.name == name.name for row in range(unit.start, unit.header + 1)}
        pattern = re.compile(rf"(?<![\w$]){re.escape(name.name)}(?![\w$])")
        value = _rarity(index, name.name) * (file.weight if file.weight == 1 else file.weight * _ROLE)
        for row in _rows(pattern, name.name, text):
            if row in own or (row not in scores and len(scores) >= _MOST_LINES):
                continue
            in_code = pattern.search(code[row - 1]) is not None
            scores[row] = scores.get(row, 0.0) + value * (1 if in_code else _MENTION)
            used |= {row} if in_code else set()
    return _UsedFile(path, lines, scores, frozenset(scores.keys() - used), units, file.role)


def _rows(pattern: re.Pattern[str], name: str, text: str) -> list[int]:
    """The numbers of the lines that contain a name as a whole word."""
    rows: list[int] = []
    row, before, at = 1, 0, text.find(name)
    # A pattern that begins with a lookbehind is tried at every character; searching for the name first takes a hundredth of that.
    while at >= 0:
        row, before = row + text.count("\n", before, at), at
        if (not rows or rows[-1] != row) and pattern.match(text, at):
            rows.append(row)
        at = text.find(name, at + 1)
    return rows


def _show(page: LookPage, files: Sequence[_UsedFile], chosen: Sequence[tuple[int, set[int]]]) -> int:
    """Fill the page, with a heading per file and definition; returns how many of the scored lines are on it."""
    shown = 0
    for at, rows in chosen:
        file, around = files[at], ""
        # Without a line break, a name cannot imitate a line of the answer.
        if not page.say("\\n".join(file.path.splitlines()) + (f" ({file.role})" if file.role else "")):
            return shown
        for row in sorted(rows):
            if row in file.scores:
                units = enclosing_units(file.units, row)
                heading = (f"in {units[-1].qualified}" if units else "") + " (comment or string)" * (row in file.mentions)
                if heading != around and heading:
                    page.say(f"  {heading.strip()}:")
                around = heading
            line = file.lines[row - 1]
            if not page.show(SourceLine(path=file.path, number=row, text=line), numbered_row(row, line)):
                return shown
            shown += row in file.scores
    return shown


def _spans(seen: Sequence[str]) -> dict[str, set[int]]:
    """Line numbers by path, from texts such as "a.py:3-9"."""
    found: dict[str, set[int]] = {}
    for match in filter(None, map(_SPAN.fullmatch, seen)):
        first, last = int(match[2]), int(match[3] or match[2])
        found.setdefault(match[1], set()).update(range(first, min(last, first + 100_000) + 1))
    return found
