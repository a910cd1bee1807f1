"""Finds the functions, classes and other definitions of a file, as line ranges with a name and a header."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple

from reviewers.context import grammars
from reviewers.context.code_names import is_code_name
from reviewers.context.grammars import Node
from reviewers.context.indented_units import indented_blocks
from reviewers.context.languages import language_of
from reviewers.context.unit_names import body_of, name_of
from reviewers.text_cache import text_cache

# Includes what precedes a definition and belongs to it.
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration", "lexical_declaration", "variable_declaration"})
_LONGEST_HEADER = 8
# Definitions without a body, whose first line is the header.
_OF_ONE_LINE = frozenset({"block_mapping_pair", "table", "table_array_element", "element", "script_element", "style_element"})


class Unit(NamedTuple):
    """A definition from line `start` to `end` (1-based); its header, up to where its body begins, ends at `header`."""

    name: str
    qualified: str
    start: int
    header: int
    end: int

    def holds(self, line: int) -> bool:
        """Whether it contains a line."""
        return self.start <= line <= self.end


def read_units(path: str, text: str) -> tuple[Unit, ...]:
    """The definitions of a file in the order of their beginnings, outer ones first; by indentation if no grammar reads the language."""
    return _read(path, text) or ()


def is_too_tangled(path: str, text: str) -> bool:
    """Whether a file's language is known but its definitions were not read, because that would take too long."""
    return _read(path, text) is None


@text_cache(4_000_000, lambda path, text: len(path) + len(text))
def _read(path: str, text: str) -> tuple[Unit, ...] | None:
    language = language_of(path)
    source = grammars.encode_text(text)
    if not language or not source:
        return _indented(text) if is_code_name(path) and len(source) <= grammars.LONGEST else ()
    nodes = grammars.definitions(language, source)
    if nodes is None:
        return None
    found: list[Unit] = []
    above: list[Unit] = []
    last = text.count("\n") + 1
    for node in nodes:
        unit = _unit(node, above, source)
        if unit.end > last:
            # An unclosed one ends with its text.
            unit = unit._replace(header=min(unit.header, last), end=last)
        if unit.name:
            found.append(unit)
            above.append(unit)
    return tuple(found)


def _indented(text: str) -> tuple[Unit, ...]:
    found: list[Unit] = []
    above: list[Unit] = []
    for name, start, end, _ in indented_blocks(text):
        while above and not above[-1].holds(start):
            above.pop()
        found.append(Unit(name, f"{above[-1].qualified}.{name}" if above else name, start, start, end))
        above.append(found[-1])
    return tuple(found)


def enclosing_units(found: Sequence[Unit], line: int) -> tuple[Unit, ...]:
    """The definitions that contain a line, the outermost first."""
    return tuple(unit for unit in found if unit.holds(line))


def touched_units(found: Sequence[Unit], lines: Collection[int]) -> list[Unit]:
    """The definitions that contain any of the lines, outer ones first."""
    ordered = sorted(lines)
    return [unit for unit in found if (at := bisect_left(ordered, unit.start)) < len(ordered) and ordered[at] <= unit.end]


def innermost(found: Sequence[Unit], lines: Collection[int]) -> list[Unit]:
    """Of the definitions that contain any of the lines, those that contain no other one of them."""
    held: list[Unit] = []
    out: dict[Unit, None] = {}
    coming = 0
    for line in sorted(lines):
        while coming < len(found) and found[coming].start <= line:
            held.append(found[coming])
            coming += 1
        while held and held[-1].end < line:
            held.pop()
        if held:
            out[held[-1]] = None
    return list(out)


def header(unit: Unit, lines: Sequence[str]) -> str:
    """A definition's header on one line, without the sign that opens its body."""
    text = " ".join(" ".join(lines[unit.start - 1 : unit.header]).split())
    return text.rstrip("{").rstrip().removesuffix(":").removesuffix("=>").removesuffix(" =").removesuffix(" do").rstrip()


def _unit(node: Node, above: list[Unit], source: bytes) -> Unit:
    outer = node
    while outer.parent is not None and outer.parent.type in _WRAPPERS and outer.parent.start_point.row <= outer.start_point.row:
        outer = outer.parent
    start, end = outer.start_point.row + 1, _last(node)
    while above and not above[-1].holds(start):
        above.pop()
    name = name_of(node, source)
    qualified = f"{above[-1].qualified}.{name}" if above else name
    return Unit(name, qualified, start, min(_header_end(node, start, end, source), start + _LONGEST_HEADER), end)


def _last(node: Node) -> int:
    """The last line; a node that ends with a newline ends before it."""
    return node.end_point.row + (1 if node.end_point.column or node.end_point.row == node.start_point.row else 0)


def _header_end(node: Node, start: int, end: int, source: bytes) -> int:
    body = body_of(node)
    if body is None:
        return start if end - start > 2 or node.type in _OF_ONE_LINE else end
    row = body.start_point.row + 1
    opens = source[body.start_byte : body.start_byte + 2].startswith((b"{", b"(", b"do"))
    # A body that opens on the header's line, or one that begins on the next.
    return max(start, row if opens or row == node.start_point.row + 1 else row - 1)
