"""Change here how READ and OUTLINE are answered: a file's lines, its definitions, a folder's files; and the text for a wrong path."""

import difflib
import posixpath
from collections import Counter
from collections.abc import Mapping

from reviewers.context.repository.file_roles import weight_of
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.look_page import LookPage, in_words, number_line, short_target
from reviewers.context.repository.looks import Look, LookAnswer, SourceLine
from reviewers.context.units import header

_MOST_NEAR = 3


def clean_path(target: str) -> str | None:
    """A path of the repository as its tree spells it, "" for its root; None for one that leads out of it."""
    path = target.strip().replace("\\", "/")
    if path.startswith(("/", "~")) or (len(path) > 1 and path[1] == ":") or "\0" in path:
        return None
    normal = posixpath.normpath(path) if path else "."
    if normal == ".." or normal.startswith("../"):
        return None
    return "" if normal == "." else normal


def refuse_path(index: RepositoryIndex, target: str) -> str:
    """Why a path cannot be read, in one sentence; "" for a readable file."""
    path = clean_path(target)
    if path is None:
        return f"{short_target(target)!r} leads out of the repository; paths are relative to its root, as in src/main.py"
    file = index.file(path)
    if file is None:
        if _below(index, path):
            return f"{short_target(path) or '.'!r} is a folder; ask for its outline"
        return f"there is no file {short_target(path)!r} at this commit{_near(index, path)}"
    if file.kind == "submodule":
        return f"{short_target(path)!r} is a submodule; its files are in another repository"
    if file.kind == "symlink":
        return f"{short_target(path)!r} is a symbolic link; links are not followed"
    if file.symbols is None:
        return f"{short_target(path)!r} could not be read"
    return {
        "binary": f"{short_target(path)!r} is binary",
        "large": f"{short_target(path)!r} has more than a million bytes and is not read",
    }.get(file.symbols.kind, "")


def read_file(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """Lines of a file, from `first` to `last`."""
    page, path = LookPage(look, tokens), clean_path(look.target) or ""
    reason = refuse_path(index, look.target)
    if reason or path not in texts:
        page.say(reason or f"{short_target(path)!r} could not be read")
        return page.answer()
    lines = texts[path].split("\n")
    if lines and not lines[-1]:
        lines.pop()
    first = max(1, look.first)
    last = min(len(lines), look.last if look.last > 0 else len(lines))
    if first > len(lines) or last < first:
        page.say(f"{path} has {in_words(len(lines), 'line')}; there is nothing from line {look.first} to {look.last}")
        return page.answer()
    page.say(f"{path}, lines {first} to {last} of {len(lines)}")
    for number in range(first, last + 1):
        if not page.show(SourceLine(path=path, number=number, text=lines[number - 1]), number_line(number, lines[number - 1])):
            return page.answer(f"lines {number} to {last} of {path}")
    return page.answer()


def outline(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    """The headers of a file's definitions, or a folder's folders and files with their line counts."""
    path = clean_path(look.target)
    if path is not None and index.file(path) is None and (below := _below(index, path)):
        return _folder(index, look, below, tokens)
    return _file(index, look, texts, tokens)


def _file(index: RepositoryIndex, look: Look, texts: Mapping[str, str], tokens: int) -> LookAnswer:
    page, path = LookPage(look, tokens), clean_path(look.target) or ""
    reason = refuse_path(index, look.target)
    if reason or path not in texts:
        page.say(reason or f"{short_target(path)!r} could not be read")
        return page.answer()
    lines, units = texts[path].split("\n"), index.definitions(index.number[path])
    role = index.files[index.number[path]].role
    page.say(
        f"{path}, {in_words(len(lines) - (not lines[-1]), 'line')}, {in_words(len(units), 'definition')}" + (f", {role}" if role else "")
    )
    for at, unit in enumerate(units):
        text = header(unit, lines)[:200]
        depth = "  " * unit.qualified.count(".")
        if not page.show(SourceLine(path=path, number=unit.start, text=lines[unit.start - 1]), f"{unit.start}\t{depth}{text}"):
            return page.answer(f"{len(units) - at} of {in_words(len(units), 'definition')}")
    return page.answer()


def _folder(index: RepositoryIndex, look: Look, below: range, tokens: int) -> LookAnswer:
    page, path = LookPage(look, tokens), clean_path(look.target) or ""
    prefix = f"{path}/" if path else ""
    folders: Counter[str] = Counter()
    files: list[tuple[float, str, str]] = []
    for number in below:
        file = index.files[number]
        name, slash, _ = file.path[len(prefix) :].partition("/")
        if slash:
            folders[name] += 1
        else:
            lines = in_words(file.symbols.lines, "line") if file.readable and file.symbols else _kind(file.kind, file.symbols)
            files.append((-weight_of(file.role), name, f"{name}  {lines}" + (f", {file.role}" if file.role else "")))
    rows = [f"{name}/  {in_words(number, 'file')}" for name, number in sorted(folders.items())] + [row for *_, row in sorted(files)]
    page.say(f"{path or '.'}, {in_words(len(below), 'file')}")
    for at, row in enumerate(rows):
        if not page.say(row):
            return page.answer(f"{len(rows) - at} of {len(rows)} names")
    return page.answer()


def _kind(kind: str, symbols: object) -> str:
    return kind if kind != "file" else "not read" if symbols is None else getattr(symbols, "kind", "")


def _below(index: RepositoryIndex, path: str) -> range:
    """The numbers of the files below a folder; they are consecutive, because paths are sorted."""
    from bisect import bisect_left

    if not path:
        return range(len(index.files))
    paths = index.paths
    return range(bisect_left(paths, f"{path}/"), bisect_left(paths, f"{path}0"))


def _near(index: RepositoryIndex, path: str) -> str:
    """Paths that may be meant: of the same name, or of a similar one in the same folder."""
    name = path.rpartition("/")[2]
    same = sorted((file.path for file in index.files if file.path.rpartition("/")[2] == name), key=lambda each: (len(each), each))
    if not same:
        folder = path.rpartition("/")[0]
        siblings = [index.files[number].path for number in _below(index, folder)][:2_000]
        same = difflib.get_close_matches(path, siblings, n=_MOST_NEAR, cutoff=0.75)
    return f"; there is {', '.join(same[:_MOST_NEAR])}" if same else ""
