"""The functions, classes and the like of a file, as line ranges with a name and a header."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from typing import NamedTuple

from reviewers.context import grammars
from reviewers.context.grammars import Node
from reviewers.text_cache import text_cache

_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "qualified_identifier", "destructor_name", "operator_name"})
# With what stands before a definition and belongs to it.
_WRAPPERS = frozenset({"decorated_definition", "export_statement", "template_declaration", "lexical_declaration", "variable_declaration"})
_LONGEST_HEADER = 8


class Unit(NamedTuple):
    """A definition from line `start` to `end` (1-based); its header, up to where its body begins, ends at `header`."""

    name: str
    qualified: str
    start: int
    header: int
    end: int

    def holds(self, line: int) -> bool:
        """Whether a line is in it."""
        return self.start <= line <= self.end


def units(path: str, text: str) -> tuple[Unit, ...]:
    """The definitions of a file in the order of their beginnings, outer ones first; none where the language is not known."""
    return _read(path, text) or ()


def tangled(path: str, text: str) -> bool:
    """Whether a file's language is known and yet its definitions were not read, because that would take too long."""
    return _read(path, text) is None


@text_cache(4_000_000, lambda path, text: len(path) + len(text))
def _read(path: str, text: str) -> tuple[Unit, ...] | None:
    language = grammars.language_of(path)
    source = grammars.encoded(text)
    if not language or not source:
        return ()
    nodes = grammars.definitions(language, source)
    if nodes is None:
        return None
    found: list[Unit] = []
    above: list[Unit] = []
    last = text.count("\n") + 1
    for node in nodes:
        unit = _unit(node, above, source)
        if unit.end > last:
            # One that is never closed ends with its text.
            unit = unit._replace(header=min(unit.header, last), end=last)
        if unit.name:
            found.append(unit)
            above.append(unit)
    return tuple(found)


def enclosing(found: Sequence[Unit], line: int) -> tuple[Unit, ...]:
    """The definitions that hold a line, the outermost first."""
    return tuple(unit for unit in found if unit.holds(line))


def touched(found: Sequence[Unit], lines: Collection[int]) -> list[Unit]:
    """The definitions that hold any of the lines, outer ones first."""
    ordered = sorted(lines)
    return [unit for unit in found if (at := bisect_left(ordered, unit.start)) < len(ordered) and ordered[at] <= unit.end]


def innermost(found: Sequence[Unit], lines: Collection[int]) -> list[Unit]:
    """The definitions that hold any of the lines more closely than another one does."""
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
    """A definition's header on one line, without what opens its body."""
    text = " ".join(" ".join(lines[unit.start - 1 : unit.header]).split())
    return text.rstrip("{").rstrip().removesuffix(":").removesuffix("=>").rstrip()


def _unit(node: Node, above: list[Unit], source: bytes) -> Unit:
    outer = node
    while outer.parent is not None and outer.parent.type in _WRAPPERS and outer.parent.start_point.row <= outer.start_point.row:
        outer = outer.parent
    start, end = outer.start_point.row + 1, _last(node)
    while above and not above[-1].holds(start):
        above.pop()
    name = _name(node, source)
    qualified = f"{above[-1].qualified}.{name}" if above else name
    return Unit(name, qualified, start, min(_header_end(node, start, end, source), start + _LONGEST_HEADER), end)


def _last(node: Node) -> int:
    """The last line, where a node that ends with a newline ends before it."""
    return node.end_point.row + (1 if node.end_point.column or node.end_point.row == node.start_point.row else 0)


def _header_end(node: Node, start: int, end: int, source: bytes) -> int:
    value = node.child_by_field_name("value")
    body = node.child_by_field_name("body") or (value.child_by_field_name("body") if value is not None else None)
    if body is None:
        return start if end - start > 2 else end
    row = body.start_point.row + 1
    opens = source[body.start_byte : body.start_byte + 1] in (b"{", b"(")
    # A body that opens on the header's own line, or one that begins on a line of its own.
    return max(start, row if opens or row == node.start_point.row + 1 else row - 1)


def _name(node: Node, source: bytes) -> str:
    for field in ("name", "key", "property", "type"):
        found = node.child_by_field_name(field)
        if found is not None and not (field == "type" and node.type == "function_definition"):
            return _short(_text(found, source))
    at = node.child_by_field_name("declarator")
    while at is not None and at.type not in _NAMES:
        at = at.child_by_field_name("declarator") or next((child for child in at.named_children if child.type in _NAMES), None)
    return _short(_text(at, source)) if at is not None else ""


def _text(node: Node, source: bytes) -> str:
    # `node.text` asks the parser's reader in Python again, which takes longer than the parsing.
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _short(name: str) -> str:
    return " ".join(name.strip("\"'`").split())[:120]
