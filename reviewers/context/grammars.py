"""Change here how a text is parsed and how long that may take. The only door to tree-sitter; `languages` lists the grammars."""

import importlib
import zlib
from functools import cache
from time import thread_time

import tree_sitter
from tree_sitter import Language, Parser

from reviewers.context.languages import GRAMMARS, LINES

Node = tree_sitter.Node
LONGEST = 1_000_000
DEEPEST, MOST = 80, 5_000
# A text of endless repetition is not code: of 3,000 real files in eight languages, none compressed to less than an eleventh of its size.
_REPEATED, _SHORT = 40, 8_192
# Seconds of this thread's CPU time, plus an allowance per byte: the last resort if each step is slow. The slowest of those real files
# took a third of it.
_SECONDS, _A_BYTE = 0.2, 2e-6
# At the end of a text full of errors, these parsers take quadratic time in a single step that cannot be interrupted. If plain code
# follows, they leave the errors behind, so plain code is appended to every text.
_AFTER = {
    **dict.fromkeys(("java", "cpp", "typescript", "tsx", "objc"), b"\nx;\nclass A { int b; }" * 20),
    "c": b"\nx;\nstruct A { int b; };" * 20,
    "c-sharp": b"\nclass A { int b; }" * 20,
    "bash": b"\nf() {\n  x\n}\n" * 20,
}


def encode_text(text: str) -> bytes:
    """The bytes that node positions refer to."""
    return text.encode("utf-8", "replace")


def definitions(language: str, source: bytes) -> list[Node] | None:
    """The definitions in a text, in order. A text with errors gives those that can be read; one that is too tangled or long gives None."""
    if len(source) > LONGEST or _repeats(source):
        return None
    known, kinds = _tools(language)
    tree = _parsed(known, source + _AFTER.get(language, b""))
    if tree is None:
        return None
    nodes: list[Node] = []
    # Not a query, because queries take time quadratic in the depth: a file of nothing but "(" is as deep as it is long.
    waiting = [(tree.root_node, 0)]
    while waiting and len(nodes) < MOST:
        node, depth = waiting.pop()
        for child in node.named_children:
            if child.start_byte >= len(source):
                continue
            if (field := kinds.get(child.type)) is not None and _has(child, field):
                nodes.append(child)
            # A definition on a single line contains nothing else that needs a name.
            if depth < DEEPEST and source.find(b"\n", child.start_byte, child.end_byte) >= 0:
                waiting.append((child, depth + 1))
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


def count_errors(language: str, source: bytes) -> int | None:
    """How many places of a text the grammar could not read; None for one that is too long or too tangled to be parsed."""
    if len(source) > LONGEST or _repeats(source):
        return None
    known, _ = _tools(language)
    tree = _parsed(known, source)
    if tree is None:
        return None
    count, waiting = 0, [tree.root_node]
    while waiting and count < MOST:
        node = waiting.pop()
        count += node.is_error or node.is_missing
        if node.has_error:
            waiting.extend(node.children)
    return count


def _repeats(source: bytes) -> bool:
    return len(source) > _SHORT and len(zlib.compress(source, 1)) * _REPEATED < len(source)


def _parsed(known: Language, source: bytes) -> tree_sitter.Tree | None:
    """The tree, or None for a text that would take many times the usual time for its length; counted first, timed as the last resort."""
    steps, until = 0, thread_time() + _SECONDS + _A_BYTE * len(source)

    def enough(_offset: int, _error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > 200 + len(source) // 40 or thread_time() > until

    try:
        # A separate parser per text, because seats pack in threads.
        return Parser(known).parse(lambda at, _: source[at : at + 65_536], progress_callback=enough)
    except ValueError:
        return None


def _has(node: Node, field: str) -> bool:
    """Whether a node has what makes it a definition: "" for nothing, "value" for a function as its value, LINES, or a field."""
    if not field:
        return True
    if field == LINES:
        return bool(node.start_point.row != node.end_point.row)
    if field != "value":
        return node.child_by_field_name(field) is not None
    inner = value_of(node)
    return inner is not None and inner.type in ("arrow_function", "function_expression", "function_definition")


def value_of(node: Node) -> Node | None:
    """What is assigned to a name: in its field or, as in Lua, the first of a list."""
    value = node.child_by_field_name("value")
    listed = None if value is not None else next((child for child in node.named_children if child.type == "expression_list"), None)
    return listed.named_children[0] if listed is not None and listed.named_children else value


@cache
def _tools(language: str) -> tuple[Language, dict[str, str]]:
    grammar = GRAMMARS[language]
    known = Language(getattr(importlib.import_module(grammar.module), grammar.function)())
    return known, dict(grammar.definitions)
