"""Change here what FIND and USES answer: where a name is defined, and where it is used, each use with the definition around it."""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.context.repository.index import SHORTEST_NAME, RepositoryIndex
from reviewers.context.repository.lexing import NAME, code_only
from reviewers.context.repository.look_page import LookPage, cut, in_words, number_line, short
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.units import Unit, enclosing

MOST_FILES, MOST_BYTES, LARGE_FILE = 60, 800_000, 100_000
_CODE_BYTES, _MOST_LINES = 200_000, 400
_HEADER_LINES = 3
# How many lines around each use are shown, if all of them fit; so many that they cannot are not tried.
_RADII = (24, 16, 11, 7, 4, 2, 1)
_TOKENS_OF_A_LINE = 6


class WantedName(NamedTuple):
    """A name as it was asked for, `Jobs.run` as well as `run`: the last part is looked for, the others come first where they are near."""

    name: str
    around: tuple[str, ...]


def wanted_name(target: str) -> WantedName | None:
    """None for what is no name of at least three characters."""
    parts = NAME.findall(target[:400])
    if not parts or len(parts[-1]) < SHORTEST_NAME:
        return None
    return WantedName(parts[-1], tuple(parts[:-1]))


def definition_paths(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The files to read for a FIND, best first."""
    wanted = wanted_name(look.target)
    return _chosen(index, wanted, index.defining(wanted.name))[0] if wanted else ()


def use_paths(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The files to read for a USES, best first."""
    wanted = wanted_name(look.target)
    return _chosen(index, wanted, index.holding(wanted.name))[0] if wanted else ()


def find_definitions(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Every definition of a name with its header."""
    page, wanted = LookPage(look, tokens), wanted_name(look.target)
    if wanted is None:
        page.say(f"{short(look.target)!r} is no name of at least three characters")
        return page.answer()
    paths, more = _chosen(index, wanted, index.defining(wanted.name))
    rows = [(path, unit) for path in paths if path in texts for unit in index.definitions(index.number[path]) if unit.name == wanted.name]
    rows.sort(key=lambda row: not set(wanted.around) & set(row[1].qualified.split(".")))
    if not rows:
        page.say(f"nothing at this commit defines `{wanted.name}`{_instead(index, wanted.name)}")
        return page.answer()
    page.say(f"`{wanted.name}` is defined in {in_words(len(rows), 'place')}")
    for at, (path, unit) in enumerate(rows):
        if not _show_definition(page, path, unit, texts[path].split("\n"), index.files[index.number[path]].role):
            return page.answer(_words(f"{in_words(len(rows) - at, 'definition')}", more))
    return page.answer(_words("", more))


def find_uses(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Every line that uses a name in code, then those that mention it in comments and strings; its definitions are left to FIND."""
    page, wanted = LookPage(look, tokens), wanted_name(look.target)
    if wanted is None:
        page.say(f"{short(look.target)!r} is no name of at least three characters")
        return page.answer()
    paths, more = _chosen(index, wanted, index.holding(wanted.name))
    uses = [use for path in paths if path in texts for use in _uses(index, wanted, path, texts[path])]
    if not uses:
        defined = ", and only its definition holds it" if index.defining(wanted.name) else _instead(index, wanted.name)
        page.say(f"nothing at this commit uses `{wanted.name}`{defined}")
        return page.answer(_words("", more))
    # The place of a file among the others stays, as sorting is stable; mentions come after all code.
    uses.sort(key=lambda use: use.mention)
    for radius in _RADII:
        whole = _list_uses(LookPage(look, tokens), uses, texts, wanted.name, radius)
        if whole is not None:
            return whole.answer(_words("", more))
    page.say(_count_uses(wanted.name, uses))
    for at, use in enumerate(uses):
        if not page.show(use.line, use.row):
            return page.answer(_words(f"{len(uses) - at} of {in_words(len(uses), 'line')}", more))
    return page.answer(_words("", more))


def _list_uses(page: LookPage, uses: Sequence["_Use"], texts: Mapping[str, str], name: str, radius: int) -> LookPage | None:
    """All uses, and after those of each file the lines around them; None where that does not fit."""
    by_path: dict[str, list[_Use]] = {}
    for use in uses:
        by_path.setdefault(use.line.path, []).append(use)
    if len(uses) * (2 * radius + 1) * _TOKENS_OF_A_LINE > page.left or not page.say(_count_uses(name, uses)):
        return None
    for path, group in by_path.items():
        if not all(page.show(use.line, use.row) for use in group):
            return None
        lines = texts[path].split("\n")
        hits = [use.line.number for use in group if not use.mention]
        around = sorted({row for hit in hits for row in range(max(1, hit - radius), min(len(lines), hit + radius) + 1)} if radius else ())
        for row in around:
            if not page.show(SourceLine(path=path, number=row, text=lines[row - 1]), number_line(row, lines[row - 1])):
                return None
    return page


def _count_uses(name: str, uses: Sequence["_Use"]) -> str:
    return f"`{name}` is used in {in_words(len(uses), 'line')} of {in_words(len({use.line.path for use in uses}), 'file')}"


class _Use(NamedTuple):
    line: SourceLine
    around: str
    role: str
    mention: bool

    @property
    def row(self) -> str:
        """As in `a.py:3 in Jobs.run: refresh(1)`."""
        note = "".join(
            (f" in {self.around}" * bool(self.around), f" ({self.role})" * bool(self.role), " (comment or string)" * self.mention)
        )
        return f"{self.line.path}:{self.line.number}{note}: {cut(self.line.text.strip())}"


def _uses(index: RepositoryIndex, wanted: WantedName, path: str, text: str) -> list[_Use]:
    number = index.number[path]
    units, lines, role = index.definitions(number), text.split("\n"), index.files[number].role
    code = code_only(path, text).split("\n") if len(text) <= _CODE_BYTES else lines
    own = {row for unit in units if unit.name == wanted.name for row in range(unit.start, unit.header + 1)}
    pattern = re.compile(rf"(?<![\w$]){re.escape(wanted.name)}(?![\w$])")
    out = []
    row, at, last = 1, 0, 0
    for match in pattern.finditer(text):
        row, at = row + text.count("\n", at, match.start()), match.start()
        if row in own or row == last:
            continue
        last, line = row, lines[row - 1]
        around = enclosing(units, row)
        mention = pattern.search(code[row - 1]) is None
        out.append(_Use(SourceLine(path=path, number=row, text=line), around[-1].qualified if around else "", role, mention))
        if len(out) >= _MOST_LINES:
            break
    return out


def _chosen(index: RepositoryIndex, wanted: WantedName, numbers: Sequence[int]) -> tuple[list[str], int]:
    """The files to read, best first and within bounds, and how many others there are."""
    near = [set(index.holding(name)) for name in wanted.around if len(name) >= SHORTEST_NAME]
    defining = set(index.defining(wanted.name))
    folders = {index.files[number].path.rpartition("/")[0] for number in defining if index.files[number].weight == 1}

    def order(number: int) -> tuple[float, int, int, bool, bool, str]:
        file = index.files[number]
        folder = file.path.rpartition("/")[0]
        return (
            -file.weight,
            -sum(number in group for group in near),
            -int(number in defining),
            file.size > LARGE_FILE,
            folder not in folders,
            file.path,
        )

    left = MOST_BYTES
    paths: list[str] = []
    for number in sorted(numbers, key=order):
        left -= index.files[number].size
        if len(paths) >= MOST_FILES or (left < 0 and paths):
            break
        paths.append(index.files[number].path)
    return paths, len(numbers) - len(paths)


def _show_definition(page: LookPage, path: str, unit: Unit, lines: Sequence[str], role: str) -> bool:
    note = f" ({role})" if role else ""
    inside = unit.qualified.rpartition(".")[0]
    first = f"{path}:{unit.start}" + (f" in {inside}" if inside else "") + note
    shown = range(unit.start, min(unit.header, unit.start + _HEADER_LINES - 1, len(lines)) + 1)
    rows = [(number, lines[number - 1]) for number in shown]
    if not rows:
        return True
    head = f"{first} to {unit.end}: {cut(rows[0][1].strip())}"
    if not page.show(SourceLine(path=path, number=rows[0][0], text=rows[0][1]), head):
        return False
    return all(page.show(SourceLine(path=path, number=number, text=line), f"       {cut(line)}") for number, line in rows[1:])


def _instead(index: RepositoryIndex, name: str) -> str:
    """What holds a name that nothing defines or uses, or which spelling there is."""
    others = [each for each in dict.fromkeys((name.lower(), name.upper(), name[:1].upper() + name[1:], name.lstrip("_$"))) if each != name]
    there = [each for each in others if len(each) >= SHORTEST_NAME and index.frequency(each)]
    if index.frequency(name):
        return f"; {in_words(index.frequency(name), 'file')} mention it: ask for its uses"
    return f"; there is `{there[0]}`" if there else ""


def _words(left: str, more: int) -> str:
    rest = f"{in_words(more, 'file')} of lower rank {'was' if more == 1 else 'were'} not looked at" if more else ""
    return "; ".join(part for part in (left, rest) if part)
