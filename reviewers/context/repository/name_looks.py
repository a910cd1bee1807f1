"""Change here how FIND is answered: where a name is defined, and which files are read for a name."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from reviewers.context.repository.index import SHORTEST_NAME, RepositoryIndex
from reviewers.context.repository.lexing import NAME
from reviewers.context.repository.look_page import LookPage, cut_page, in_words, short_target
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.units import Unit

MOST_FILES, MOST_BYTES, LARGE_FILE = 60, 800_000, 100_000
_HEADER_LINES = 3


class WantedName(NamedTuple):
    """A requested name, such as `run` or `Jobs.run`: the search is for the last part; the other parts raise the rank of near files."""

    name: str
    around: tuple[str, ...]


def wanted_name(target: str) -> WantedName | None:
    """None for a text that is no name of at least three characters."""
    parts = NAME.findall(target[:400])
    if not parts or len(parts[-1]) < SHORTEST_NAME:
        return None
    return WantedName(parts[-1], tuple(parts[:-1]))


def definition_paths(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The files to read for a FIND, best first."""
    wanted = wanted_name(look.target)
    return choose_paths(index, wanted, index.defining(wanted.name))[0] if wanted else ()


def find_definitions(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Every definition of a name with its header."""
    page, wanted = LookPage(look, tokens), wanted_name(look.target)
    if wanted is None:
        page.say(f"{short_target(look.target)!r} is no name of at least three characters")
        return page.answer()
    paths, more = choose_paths(index, wanted, index.defining(wanted.name))
    rows = [(path, unit) for path in paths if path in texts for unit in index.definitions(index.number[path]) if unit.name == wanted.name]
    rows.sort(key=lambda row: not set(wanted.around) & set(row[1].qualified.split(".")))
    if not rows:
        page.say(f"nothing at this commit defines `{wanted.name}`{suggest_names(index, wanted.name)}")
        return page.answer()
    page.say(f"`{wanted.name}` is defined in {in_words(len(rows), 'place')}")
    for at, (path, unit) in enumerate(rows):
        if not _show_definition(page, path, unit, texts[path].split("\n"), index.files[index.number[path]].role):
            return page.answer(join_clauses(f"{in_words(len(rows) - at, 'definition')}", more))
    return page.answer(join_clauses("", more))


def choose_paths(
    index: RepositoryIndex, wanted: WantedName, numbers: Sequence[int], worth: Mapping[int, float] = MappingProxyType({})
) -> tuple[list[str], int]:
    """The files to read, best first and bounded, and the number of the others; a higher `worth` puts a file first."""
    near = [set(index.holding(name)) for name in wanted.around if len(name) >= SHORTEST_NAME]
    defining = set(index.defining(wanted.name))
    folders = {index.files[number].path.rpartition("/")[0] for number in defining if index.files[number].weight == 1}

    def order(number: int) -> tuple[float, float, int, int, bool, bool, str]:
        file = index.files[number]
        folder = file.path.rpartition("/")[0]
        return (
            -file.weight,
            -worth.get(number, 0.0),
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
    head = f"{first} to {unit.end}: {cut_page(rows[0][1].strip())}"
    if not page.show(SourceLine(path=path, number=rows[0][0], text=rows[0][1]), head):
        return False
    return all(page.show(SourceLine(path=path, number=number, text=line), f"       {cut_page(line)}") for number, line in rows[1:])


def suggest_names(index: RepositoryIndex, name: str) -> str:
    """The text for a name that nothing defines or uses: what contains it, or which other spelling exists."""
    others = [each for each in dict.fromkeys((name.lower(), name.upper(), name[:1].upper() + name[1:], name.lstrip("_$"))) if each != name]
    there = [other for other in others if len(other) >= SHORTEST_NAME and index.frequency(other)]
    if index.frequency(name):
        return f"; {in_words(index.frequency(name), 'file')} mention it: ask for its uses"
    return f"; there is `{there[0]}`" if there else ""


def join_clauses(left: str, more: int) -> str:
    rest = f"{in_words(more, 'file')} of lower rank {'was' if more == 1 else 'were'} not looked at" if more else ""
    return "; ".join(part for part in (left, rest) if part)
