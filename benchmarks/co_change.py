"""Turns commits of a repository into hidden co-change cases: given one file of the change, find the lines that it changed in others."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from benchmarks.history import HERE, PLAIN, History
from reviewers.context.repository.blob_symbols import PackedSymbols, pack_symbols, read_symbols
from reviewers.context.repository.file_roles import role_of
from reviewers.context.repository.index import RepositoryIndex, TreeFile
from reviewers.context.repository.lexing import file_extension

RARE, FEWEST_FILES, MOST_FILES = 10, 2, 6
_NAME = re.compile(r"[A-Za-z_$][\w$]{2,79}")
_HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
_CODE = frozenset(
    (
        *("py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "go", "rs", "java", "kt", "scala", "c", "h"),
        *("cc", "cpp", "cxx", "hh", "hpp", "cs", "rb", "php", "sh", "vue", "svelte", "swift", "dart", "ex", "exs", "lua"),
    )
)
Lines = dict[str, frozenset[int]]


@dataclass(frozen=True)
class FileChange:
    """The hunks, without context, of one file: the old lines that each changed, or the line before an insertion, and the names in it."""

    path: str
    size: int
    hunks: tuple[tuple[frozenset[int], frozenset[str]], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset().union(*(names for _, names in self.hunks))


@dataclass(frozen=True)
class Case:
    """`given` is the shown file, `linked` the lines to find, `unlinked` those that share no rare name with it."""

    base: str
    head: str
    given: str
    diff: str = field(repr=False)
    index: RepositoryIndex
    texts: Mapping[str, str] = field(repr=False)
    linked: Lines
    unlinked: Lines


class Blobs:
    """Contents and symbols of a repository's files, each read once."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._texts: dict[str, bytes] = {}
        self._symbols: dict[tuple[str, str], PackedSymbols] = {}

    def tree(self, commit: str) -> dict[str, str]:
        """Blob ids by path."""
        rows = self._history.git("ls-tree", "-r", "-z", "--full-tree", commit).split(b"\0")[:-1]
        split = (row.partition(b"\t") for row in rows)
        return {path.decode("utf-8", "replace"): facts.split()[2].decode() for facts, _, path in split if facts.startswith(b"100")}

    def read(self, oids: list[str]) -> None:
        missing = [oid for oid in dict.fromkeys(oids) if oid not in self._texts]
        if not missing:
            return
        given = "".join(f"{oid}\n" for oid in missing).encode()
        folder = self._history.path or HERE
        raw = subprocess.run(["git", "cat-file", "--batch"], cwd=folder, input=given, capture_output=True, check=True).stdout
        at = 0
        while at < len(raw):
            line_end = raw.index(b"\n", at)
            oid, _, size = raw[at:line_end].decode().split(" ")
            self._texts[oid] = raw[line_end + 1 : line_end + 1 + int(size)]
            at = line_end + 2 + int(size)

    def index(self, commit: str) -> tuple[RepositoryIndex, Mapping[str, str]]:
        """The index of a commit and its texts."""
        tree = self.tree(commit)
        self.read(list(tree.values()))
        files = []
        for path, oid in tree.items():
            key = (oid, file_extension(path))
            if key not in self._symbols:
                self._symbols[key] = PackedSymbols(pack_symbols(read_symbols(path, self._texts[oid])))
            files.append(TreeFile(path, "file", self._symbols[key]))
        return RepositoryIndex(files), _Texts(tree, self._texts)


class _Texts(Mapping[str, str]):
    def __init__(self, tree: Mapping[str, str], texts: Mapping[str, bytes]) -> None:
        self._tree, self._contents = tree, texts

    def __getitem__(self, path: str) -> str:
        return self._contents[self._tree[path]].decode("utf-8", "replace")

    def __iter__(self) -> Iterator[str]:
        return iter(self._tree)

    def __len__(self) -> int:
        return len(self._tree)


def co_changes(history: History, most_commits: int, most_cases: int) -> Iterator[Case]:
    """The newest commits of 2 to 6 source files with at least one line outside the largest change that is linked to it."""
    blobs, count = Blobs(history), 0
    limit = ("-n", str(most_commits)) if most_commits else ()
    for row in history.git("log", "--no-merges", "--format=%H %P", *limit).decode().splitlines():
        head, _, base = row.partition(" ")
        if not base or count >= most_cases:
            continue
        if (case := _case(history, blobs, base, head)) is not None:
            count += 1
            yield case


def _case(history: History, blobs: Blobs, base: str, head: str) -> Case | None:
    names = history.git("diff", "--no-renames", "--name-only", "-z", base, head).decode("utf-8", "replace").split("\0")[:-1]
    sources = [path for path in names if is_source(path)]
    if not FEWEST_FILES <= len(sources) <= MOST_FILES:
        return None
    changes = list(changed_files(history, base, head, sources))
    if len(changes) < FEWEST_FILES:
        return None
    index, texts = blobs.index(base)
    given = max(changes, key=lambda change: (change.size, change.path))
    rare = {name for name in given.names if 1 <= index.frequency(name) <= RARE}
    linked: dict[str, set[int]] = {}
    unlinked: dict[str, set[int]] = {}
    for change in changes:
        if change is given or change.path not in texts or texts[change.path] == "":
            continue
        for lines, hunk_names in change.hunks:
            (linked if rare & hunk_names else unlinked).setdefault(change.path, set()).update(lines)
    if not linked:
        return None
    diff = history.git("diff", *PLAIN, base, head, "--", f":(literal,top){given.path}").decode("utf-8", "replace")
    return Case(base, head, given.path, diff, index, texts, _frozen(linked), _frozen(unlinked))


def is_source(path: str) -> bool:
    """Whether a file is code that people write, and no test."""
    return file_extension(path) in _CODE and not role_of(path)


def changed_files(history: History, base: str, head: str, paths: list[str]) -> Iterator[FileChange]:
    """The hunks of each file, without lines of context."""
    words = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--unified=0", "--src-prefix=a/", "--dst-prefix=b/")
    for path in paths:
        text = history.git(*words, base, head, "--", f":(literal,top){path}").decode("utf-8", "replace")
        hunks: list[tuple[set[int], Counter[str]]] = []
        size = 0
        for line in text.split("\n"):
            if found := _HUNK.match(line):
                start, many = int(found[1]), int(found[2] if found[2] is not None else 1)
                hunks.append((set(range(start, start + many)) or {max(1, start)}, Counter()))
            elif hunks and line[:1] in "+-" and line:
                size += 1
                hunks[-1][1].update(_NAME.findall(line[1:]))
        if hunks:
            yield FileChange(path, size, tuple((frozenset(lines), frozenset(names)) for lines, names in hunks))


def _frozen(lines: Mapping[str, set[int]]) -> Lines:
    return {path: frozenset(numbers) for path, numbers in sorted(lines.items())}
