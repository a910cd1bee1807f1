"""Change here how the files of a commit are found by the names and texts in them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy

from reviewers.context.repository.blob_symbols import PackedSymbols, run_positions
from reviewers.context.repository.file_roles import role_of, weight_of
from reviewers.context.repository.lexing import name_hash
from reviewers.context.units import Unit

SHORTEST_NAME = 3
_MOST_UNPACKED = 500
_FILE = numpy.uint64(0xFFFFFFFF)


class TreeFile(NamedTuple):
    """A path of a commit: `kind` is "file", "symlink" or "submodule"; `symbols` is None for a path that is no file or not indexed."""

    path: str
    kind: str = "file"
    symbols: PackedSymbols | None = None

    @property
    def readable(self) -> bool:
        """Whether it is a text of at most a million bytes."""
        return self.kind == "file" and self.symbols is not None and self.symbols.kind == "text"

    @property
    def size(self) -> int:
        """Its size in bytes, 0 if it was not indexed."""
        return self.symbols.size if self.symbols is not None else 0

    @property
    def role(self) -> str:
        """Its role by `role_of`, or "generated" if its first lines say so."""
        return "generated" if self.symbols is not None and self.symbols.generated else role_of(self.path)

    @property
    def weight(self) -> float:
        """How much it counts in a ranking of files, at most 1."""
        return weight_of(self.role)


class RepositoryIndex:
    """All files of one commit; a file's number is its index in `files`, which are sorted by path."""

    def __init__(self, files: Iterable[TreeFile]) -> None:
        self.files: Sequence[TreeFile] = sorted(files, key=lambda file: file.path)
        self.paths: Sequence[str] = [file.path for file in self.files]
        self.number: Mapping[str, int] = {path: number for number, path in enumerate(self.paths)}
        texts = [(number, file.symbols) for number, file in enumerate(self.files) if file.symbols is not None and file.readable]
        self._named = _postings((number, symbols.names) for number, symbols in texts)
        self._defined = _postings((number, symbols.defines) for number, symbols in texts)
        self._runs = _matrices((number, symbols.bits) for number, symbols in texts)
        self.readable = len(texts)
        self._definitions: dict[int, tuple[Unit, ...]] = {}

    def file(self, path: str) -> TreeFile | None:
        """The file with this path, or None."""
        number = self.number.get(path)
        return None if number is None else self.files[number]

    def holding(self, name: str) -> list[int]:
        """The numbers of the files that contain a name of at least three characters, in code, comments or strings."""
        return _found(self._named, name)

    def defining(self, name: str) -> list[int]:
        """The numbers of the files that define a name."""
        return _found(self._defined, name)

    def frequency(self, name: str) -> int:
        """The number of files that contain a name."""
        first, last = _bounds(self._named, name)
        return last - first

    def may_contain(self, text: str) -> list[int]:
        """The numbers of the files that may contain a text in any letter case; all readable ones for less than three bytes."""
        raw, out = text.encode("utf-8", "replace"), []
        for size, (numbers, matrix) in self._runs.items():
            kept = numpy.ones(len(numbers), dtype=numpy.bool_)
            for at in sorted(run_positions(raw, size)) if size else ():
                kept &= (matrix[:, at >> 3] & (128 >> (at & 7))) != 0
            out += [int(number) for number in numbers[kept]] if size or len(raw) < SHORTEST_NAME else []
        return sorted(out)

    def definitions(self, number: int) -> tuple[Unit, ...]:
        """The definitions of a file, in the order of their beginnings."""
        if number not in self._definitions:
            symbols = self.files[number].symbols
            if len(self._definitions) >= _MOST_UNPACKED:
                self._definitions.clear()
            self._definitions[number] = symbols.definitions if symbols is not None else ()
        return self._definitions[number]


def _postings(rows: Iterable[tuple[int, bytes]]) -> "numpy.typing.NDArray[numpy.uint64]":
    """Hash and file number of each name in one sorted array of 64-bit values: a lookup takes two bisections, a name 8 bytes per file."""
    held = list(rows)
    hashes = numpy.frombuffer(b"".join(each for _, each in held), dtype="<u4").astype(numpy.uint64)
    numbers = numpy.array([number for number, _ in held], dtype=numpy.uint64)
    counts = numpy.array([len(each) // 4 for _, each in held], dtype=numpy.int64)
    joined = hashes << numpy.uint64(32) | numpy.repeat(numbers, counts)
    joined.sort()
    return joined


def _bounds(postings: "numpy.typing.NDArray[numpy.uint64]", name: str) -> tuple[int, int]:
    key = name_hash(name)
    low, high = numpy.searchsorted(postings, numpy.array([key << 32, (key + 1 << 32) - 1], dtype=numpy.uint64))
    return int(low), int(high)


def _found(postings: "numpy.typing.NDArray[numpy.uint64]", name: str) -> list[int]:
    first, last = _bounds(postings, name)
    return [int(posting & _FILE) for posting in postings[first:last]]


def _matrices(
    rows: Iterable[tuple[int, bytes]],
) -> "dict[int, tuple[numpy.typing.NDArray[numpy.int64], numpy.typing.NDArray[numpy.uint8]]]":
    """By set size: the numbers of the files, and one row of bits per file."""
    groups: dict[int, tuple[list[int], list[bytes]]] = {}
    for number, bits in rows:
        numbers, sets = groups.setdefault(len(bits), ([], []))
        numbers.append(number)
        sets.append(bits)
    return {
        size: (numpy.array(numbers), numpy.frombuffer(b"".join(sets), dtype=numpy.uint8).reshape(len(numbers), size))
        for size, (numbers, sets) in sorted(groups.items())
    }
