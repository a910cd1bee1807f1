"""Change here what an index keeps per file: its definitions, its names, and a filter for the texts it may contain."""

import json
import re
import struct
import sys
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.context.languages import code_language_of
from reviewers.context.repository.file_roles import is_generated
from reviewers.context.repository.lexing import file_extension, name_hash, name_hashes
from reviewers.context.units import Unit, read_units

# Increase it when the content or the format changes: that empties every cache.
FORMAT = 4
LARGEST = 1_000_000
# Larger files are read without their grammar, because a parser takes a second for some millions of bytes.
LARGEST_PARSED = 200_000
_BINARY_PREFIX = 8_000
_HEAD = struct.Struct("<BIIBIIII")
# Below this, a Python set is faster than loading numpy, which takes 0.25 s.
_PLAIN_RUNS = 30_000
_MOST_DEFINITIONS = 5_000
# The assumed length, in lines, of a last definition that nothing follows.
_LONGEST = 200
_DEFINITION = re.compile(
    r"^(?P<indent>[ \t]{0,40})(?:(?:export|default|public|private|protected|internal|static|final|abstract|async"
    r"|pub(?:\([a-z]{1,12}\))?|unsafe|override|virtual|declare|sealed|open|data|local)[ \t]+){0,6}"
    r"(?P<kind>def|class|func(?:[ \t]*\([^)\n]{0,120}\))?|function\*?|fun|fn|struct|interface|trait|impl|module|enum"
    r"|const|let|var|val|static|type|#define|message|service|object|protocol|create[ \t]+table|CREATE[ \t]+TABLE|resource)[ \t]+"
    r"(?:mut[ \t]+)?[\"'`]?(?P<name>[A-Za-z_$][\w$]{1,120})",
    re.MULTILINE,
)
_CONSTANT = re.compile(r"^(?P<name>[A-Za-z_]\w{2,120}+)(?:[ \t]*+:[^=\n]{1,120}+)?[ \t]*+=(?!=)", re.MULTILINE)
_VALUES = ("const", "let", "var", "val", "static", "type", "#define")


class BlobSymbols(NamedTuple):
    """What is known about one file's content, independent of its path; cached by the id of its blob and its language.

    `names` are the sorted hashes of its names, `defines` those of its definitions, 4 bytes each; `bits` is a set of three-byte
    runs in lower case. `kind` is "text", "binary" or "large" (above a million bytes, not read).
    """

    kind: str
    size: int
    lines: int
    generated: bool
    definitions: tuple[Unit, ...]
    names: bytes
    bits: bytes


KINDS = ("text", "binary", "large")


def read_symbols(path: str, source: bytes) -> BlobSymbols:
    """The symbols of a file: definitions by its grammar if there is one, else by the keywords of common languages."""
    if len(source) > LARGEST:
        return BlobSymbols("large", len(source), 0, False, (), b"", b"")
    if b"\0" in source[:_BINARY_PREFIX]:
        return BlobSymbols("binary", len(source), 0, False, (), b"", b"")
    text = source.decode("utf-8", "replace")
    return BlobSymbols(
        kind="text",
        size=len(source),
        lines=text.count("\n") + (not text.endswith("\n")),
        generated=is_generated(source),
        definitions=_definitions(path, text, len(source)),
        names=_packed_hashes(name_hashes(source)),
        bits=run_bits(source),
    )


def pack_symbols(symbols: BlobSymbols) -> bytes:
    """The bytes that a cache keeps."""
    defines = _packed_hashes({name_hash(unit.name) for unit in symbols.definitions})
    # A qualified name that equals the name is left out; three of four do.
    units = [[unit.name, unit.qualified if unit.qualified != unit.name else "", *unit[2:]] for unit in symbols.definitions]
    rows = zlib.compress(json.dumps(units, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace"), 1)
    head = _HEAD.pack(
        *(KINDS.index(symbols.kind), symbols.size, symbols.lines, symbols.generated),
        *(len(symbols.names), len(defines), len(symbols.bits), len(rows)),
    )
    return b"".join((head, symbols.names, defines, symbols.bits, rows))


class PackedSymbols:
    """The symbols of a file read from a cache; definitions are decoded on demand."""

    __slots__ = ("_rows", "bits", "defines", "generated", "kind", "lines", "names", "size")

    def __init__(self, data: bytes) -> None:
        """Raises ValueError for bytes that `pack_symbols` did not write."""
        try:
            kind, self.size, self.lines, generated, names, defines, bits, rows = _HEAD.unpack_from(data)
            self.kind, self.generated = KINDS[kind], bool(generated)
        except (struct.error, IndexError) as error:
            raise ValueError("no symbols") from error
        at = _HEAD.size
        if len(data) != at + names + defines + bits + rows or names % 4 or defines % 4:
            raise ValueError("symbols of another length")
        self.names, self.defines = data[at : at + names], data[at + names : at + names + defines]
        self.bits = data[at + names + defines : at + names + defines + bits]
        self._rows = data[len(data) - rows :]

    @property
    def definitions(self) -> tuple[Unit, ...]:
        """In the order of their beginnings, outer ones first; () if the bytes are damaged."""
        try:
            return tuple(Unit(name, whole or name, *rest) for name, whole, *rest in json.loads(zlib.decompress(self._rows)))
        except (ValueError, TypeError, zlib.error):
            return ()


def run_bits(source: bytes) -> bytes:
    """A bit per three-byte run in lower case, hashed into a set large enough that few bits are set by chance."""
    lower = source.lower()
    if len(lower) < 3 or (len(lower) < _PLAIN_RUNS and "numpy" not in sys.modules):
        runs = {first | second << 8 | third << 16 for first, second, third in set(zip(lower, lower[1:], lower[2:], strict=False))}
        power = _power(len(runs))
        bits = bytearray(1 << power)
        for run in runs:
            at = (run * 2_654_435_761 & 0xFFFFFFFF) >> (29 - power)
            bits[at >> 3] |= 128 >> (at & 7)
        return bytes(bits)
    import numpy

    row = numpy.frombuffer(lower, dtype=numpy.uint8).astype(numpy.uint32)
    many = numpy.unique(row[:-2] | row[1:-1] << 8 | row[2:] << 16)
    power = _power(len(many))
    wide = numpy.zeros(8 << power, dtype=numpy.bool_)
    wide[(many * numpy.uint32(2_654_435_761)) >> numpy.uint32(29 - power)] = True
    return bytes(numpy.packbits(wide))


def _power(runs: int) -> int:
    """The exponent of two of the set's size in bytes: at most an eighth of its bits are set."""
    return max(6, min(16, runs.bit_length()))


def run_positions(text: bytes, size: int) -> set[int]:
    """The bits, in a set of `size` bytes, of the three-byte runs of a text."""
    shift, lower = 29 - (size.bit_length() - 1), text.lower()
    runs = {lower[at] | lower[at + 1] << 8 | lower[at + 2] << 16 for at in range(len(lower) - 2)}
    return {(run * 2_654_435_761 & 0xFFFFFFFF) >> shift for run in runs}


def _packed_hashes(hashes: set[int]) -> bytes:
    ordered = sorted(hashes)
    return struct.pack(f"<{len(ordered)}I", *ordered)


def _definitions(path: str, text: str, size: int) -> tuple[Unit, ...]:
    parsed: tuple[Unit, ...] = ()
    if size <= LARGEST_PARSED and code_language_of(path):
        parsed = read_units(path, text)
    by_keyword = _by_keyword(path, text, bool(parsed))
    known = {(unit.name, unit.start) for unit in parsed} | {(unit.name, unit.header) for unit in parsed}
    starts = {unit.start for unit in parsed}
    more = [unit for unit in by_keyword if (unit.name, unit.start) not in known and unit.start not in starts]
    return tuple(sorted((*parsed, *more), key=lambda unit: (unit.start, -unit.end))[:_MOST_DEFINITIONS])


def _by_keyword(path: str, text: str, parsed: bool) -> list[Unit]:
    """Definitions that begin a line with a keyword, or assign a name in the first column; each ends with its line's block."""
    found: list[tuple[int, str, int, bool]] = []
    line, before = 1, 0
    for match in _DEFINITION.finditer(text):
        value = match["kind"].lower() in _VALUES
        if parsed and not (value and len(match["indent"].expandtabs(4)) <= 4):
            continue
        line, before = line + text.count("\n", before, match.start("name")), match.start("name")
        found.append((line, match["name"], len(match["indent"].expandtabs(4)), value))
    if file_extension(path) in ("py", "pyi", "rb", "sh", "bash", "ini", "toml", "tf", "mk"):
        line, before = 1, 0
        for match in _CONSTANT.finditer(text):
            line, before = line + text.count("\n", before, match.start()), match.start()
            found.append((line, match["name"], 0, True))
    found.sort()
    return [
        Unit(name, name, number, number, end) for (number, name, _, _), end in zip(found, _ends(found, text.count("\n") + 1), strict=True)
    ]


def _ends(found: Sequence[tuple[int, str, int, bool]], last: int) -> list[int]:
    """The last line of each: before the next line that is not indented more; a value has one line."""
    ends: list[int] = []
    following: list[tuple[int, int]] = []
    for number, _, indent, value in reversed(found):
        while following and following[-1][1] > indent:
            following.pop()
        end = following[-1][0] - 1 if following else min(last, number + _LONGEST)
        ends.append(number if value else max(number, end))
        following.append((number, indent))
    return ends[::-1]
