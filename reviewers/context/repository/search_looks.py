"""Change here how SEARCH is answered: the lines that contain a text or match a pattern, in the files that a glob selects."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.context.globs import check_glob, selects
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.look_page import LookPage, cut_page, in_words, short_target
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.repository.patterns import SHORTEST_RUN, PatternError, SearchPattern, compile_search
from reviewers.context.units import enclosing_units

MOST_FILES, MOST_BYTES, LARGE_FILE = 120, 1_500_000, 100_000
_MOST_MATCHES, _LONGEST_GLOB = 400, 300


class _Match(NamedTuple):
    """A line on which a match begins; most of them are only counted."""

    path: str
    number: int
    raw: bytes


def search_paths(index: RepositoryIndex, look: Look) -> Sequence[str]:
    """The files to read, best first."""
    try:
        return _chosen(index, look, compile_search(look.target, pattern=look.pattern))[0]
    except (PatternError, ValueError):
        return ()


def search_files(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Every line on which a match begins; source code before tests, and tests before generated and vendored files."""
    page = LookPage(look, tokens)
    if not look.target.strip():
        page.say("an empty text cannot be searched for")
        return page.answer()
    try:
        wanted = compile_search(look.target, pattern=look.pattern)
        paths, more = _chosen(index, look, wanted)
    except (PatternError, ValueError) as error:
        page.say(f"{short_target(look.target)!r} cannot be searched for: {short_target(str(error))}")
        return page.answer()
    found = [line for path in paths if path in texts for line in _matches(wanted, path, texts[path])]
    more_words = f"{in_words(more, 'file')} of lower rank not searched" if more else ""
    where = f" in {short_target(look.glob)}" if look.glob else ""
    if not found:
        page.say(f"no line of the {in_words(len(paths), 'file')} that may hold it{where} has {short_target(look.target)!r}")
        return page.answer(more_words)
    in_files = in_words(len({line.path for line in found}), "file")
    page.say(f"{short_target(look.target)!r} is in {in_words(len(found), 'line')} of {in_files}{where}")
    for at, line in enumerate(found):
        number = index.number[line.path]
        role, around = index.files[number].role, enclosing_units(index.definitions(number), line.number)
        note = (f" in {around[-1].qualified}" if around else "") + (f" ({role})" if role else "")
        source = SourceLine(path=line.path, number=line.number, text=line.raw.decode("utf-8", "replace"))
        if not page.show(source, f"{line.path}:{line.number}{note}: {cut_page(source.text.strip())}"):
            rest = f"{len(found) - at} of {in_words(len(found), 'line')}"
            return page.answer("; ".join(part for part in (rest, more_words) if part))
    return page.answer(more_words)


def _chosen(index: RepositoryIndex, look: Look, wanted: SearchPattern) -> tuple[list[str], int]:
    numbers: set[int] | None = None
    for literal in wanted.literals:
        if len(literal.encode()) >= SHORTEST_RUN:
            there = set(index.may_contain(literal))
            numbers = there if numbers is None else numbers & there
    if numbers is None:
        numbers = {number for number, file in enumerate(index.files) if file.readable}
    if look.glob:
        glob = check_glob(look.glob[:_LONGEST_GLOB])
        numbers = {number for number in numbers if selects((glob,), index.paths[number])}
    # A large file is searched after many small ones of its rank.
    ordered = sorted(numbers, key=lambda at: (-index.files[at].weight, index.files[at].size > LARGE_FILE, index.paths[at]))
    left = MOST_BYTES
    paths: list[str] = []
    for number in ordered:
        left -= index.files[number].size
        if len(paths) >= MOST_FILES or (left < 0 and paths):
            break
        paths.append(index.paths[number])
    return paths, len(ordered) - len(paths)


def _matches(wanted: SearchPattern, path: str, text: str) -> list[_Match]:
    # In bytes, because for a text RE2 counts the characters up to every match.
    raw, out = text.encode("utf-8", "replace"), []
    row, before, last = 1, 0, 0
    for at in wanted.starts(raw):
        row, before = row + raw.count(b"\n", before, at), at
        if row == last or at >= len(raw):
            continue
        last, start = row, raw.rfind(b"\n", 0, at) + 1
        end = raw.find(b"\n", at)
        out.append(_Match(path, row, raw[start : end if end >= 0 else len(raw)]))
        if len(out) >= _MOST_MATCHES:
            break
    return out
