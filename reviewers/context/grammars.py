"""The languages whose syntax is known: which grammar reads a file, and which of its nodes are definitions. The only door to tree-sitter."""

import importlib
import zlib
from functools import cache
from time import thread_time
from typing import NamedTuple

import tree_sitter
from tree_sitter import Language, Parser

Node = tree_sitter.Node
LONGEST = 1_000_000
DEEPEST, MOST = 80, 5_000
# One thing over and over is no code: of 3,000 real files in eight languages none was packed to less than an eleventh of itself.
_REPEATED, _SHORT = 40, 8_192
# Seconds of this thread's own time, and more for each byte: the last resort, where each step is a slow one; of those real files the slowest
# took a third of it.
_SECONDS, _A_BYTE = 0.2, 2e-6
# At the end of a text full of errors these parsers take time by the square of its length, in one step that cannot be stopped;
# where plain code follows they leave the errors behind, so it follows every text.
_AFTER = {
    **dict.fromkeys(("java", "c", "cpp", "typescript", "tsx"), b"\nx;\nclass A { int b; }" * 20),
    "c-sharp": b"\nclass A { int b; }" * 20,
    "bash": b"\nf() {\n  x\n}\n" * 20,
}


class Grammar(NamedTuple):
    """A grammar's wheel, the function in it, and its nodes that are definitions, each with the field it must have, or ""."""

    module: str
    function: str
    definitions: tuple[tuple[str, str], ...]


def _nodes(*kinds: str, field: str = "") -> tuple[tuple[str, str], ...]:
    return tuple((kind, field) for kind in kinds)


_SCRIPT = (
    *_nodes("function_declaration", "generator_function_declaration", "class_declaration", "method_definition"),
    *_nodes("variable_declarator", "pair", "field_definition", "public_field_definition", field="value"),
)
_TYPED = (
    *_SCRIPT,
    *_nodes("abstract_class_declaration", "interface_declaration", "enum_declaration", "type_alias_declaration", "internal_module"),
)
_C = (*_nodes("function_definition"), *_nodes("struct_specifier", "enum_specifier", "union_specifier", field="body"))

GRAMMARS = {
    "python": Grammar("tree_sitter_python", "language", _nodes("function_definition", "class_definition")),
    "javascript": Grammar("tree_sitter_javascript", "language", _SCRIPT),
    "typescript": Grammar("tree_sitter_typescript", "language_typescript", _TYPED),
    "tsx": Grammar("tree_sitter_typescript", "language_tsx", _TYPED),
    "go": Grammar("tree_sitter_go", "language", _nodes("function_declaration", "method_declaration", "type_spec")),
    "rust": Grammar(
        "tree_sitter_rust",
        "language",
        _nodes("function_item", "struct_item", "enum_item", "union_item", "trait_item", "impl_item", "mod_item", "macro_definition"),
    ),
    "java": Grammar(
        "tree_sitter_java",
        "language",
        _nodes(
            *("class_declaration", "interface_declaration", "enum_declaration", "record_declaration", "annotation_type_declaration"),
            *("method_declaration", "constructor_declaration"),
        ),
    ),
    "c": Grammar("tree_sitter_c", "language", _C),
    "cpp": Grammar("tree_sitter_cpp", "language", (*_C, *_nodes("class_specifier", field="body"), *_nodes("namespace_definition"))),
    "ruby": Grammar("tree_sitter_ruby", "language", _nodes("method", "singleton_method", "class", "module")),
    "php": Grammar(
        "tree_sitter_php",
        "language_php",
        _nodes(
            *("function_definition", "method_declaration", "class_declaration", "interface_declaration"),
            *("trait_declaration", "enum_declaration"),
        ),
    ),
    "c-sharp": Grammar(
        "tree_sitter_c_sharp",
        "language",
        _nodes(
            *("namespace_declaration", "class_declaration", "struct_declaration", "interface_declaration", "record_declaration"),
            *("enum_declaration", "method_declaration", "constructor_declaration", "property_declaration", "local_function_statement"),
        ),
    ),
    "bash": Grammar("tree_sitter_bash", "language", _nodes("function_definition")),
}

_ENDINGS = {
    **dict.fromkeys(("py", "pyi"), "python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript"),
    **dict.fromkeys(("ts", "mts", "cts"), "typescript"),
    **dict.fromkeys(("rb", "rake", "gemspec"), "ruby"),
    **dict.fromkeys(("c", "h"), "c"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hh", "hpp", "hxx", "ipp"), "cpp"),
    **dict.fromkeys(("sh", "bash"), "bash"),
    "tsx": "tsx",
    "go": "go",
    "rs": "rust",
    "java": "java",
    "php": "php",
    "cs": "c-sharp",
}


def language_of(path: str) -> str:
    """The name of the grammar that reads files of this name, or ""."""
    return _ENDINGS.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path else ""


def encoded(text: str) -> bytes:
    """The bytes that nodes count in."""
    return text.encode("utf-8", "replace")


def definitions(language: str, source: bytes) -> list[Node] | None:
    """The definitions in a text, in its order; a text with errors gives those that can be read, one that is too tangled or long None."""
    if len(source) > LONGEST or _repeats(source):
        return None
    known, kinds = _tools(language)
    tree = _parsed(known, source + _AFTER.get(language, b""))
    if tree is None:
        return None
    found: list[Node] = []
    # Not a query, which takes time by the square of the depth: a file of nothing but "(" is as deep as it is long.
    waiting = [(tree.root_node, 0)]
    while waiting and len(found) < MOST:
        node, depth = waiting.pop()
        for child in node.named_children:
            if child.start_byte >= len(source):
                continue
            if (field := kinds.get(child.type)) is not None and _has(child, field):
                found.append(child)
            # What stands on one line holds nothing that is worth a name of its own.
            if depth < DEEPEST and source.find(b"\n", child.start_byte, child.end_byte) >= 0:
                waiting.append((child, depth + 1))
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))


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
    """The tree, or None for a text on which the parser would take many times what code of its length takes; counted, timed at the last."""
    steps, until = 0, thread_time() + _SECONDS + _A_BYTE * len(source)

    def enough(_offset: int, _error: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > 200 + len(source) // 40 or thread_time() > until

    try:
        # A parser of its own for each text: seats pack in threads.
        return Parser(known).parse(lambda at, _: source[at : at + 65_536], progress_callback=enough)
    except ValueError:
        return None


def _has(node: Node, field: str) -> bool:
    """Whether a node has the field that makes it a definition: "" for none, "value" for a function as its value."""
    if not field:
        return True
    inner = node.child_by_field_name(field)
    return inner is not None and (field != "value" or inner.type in ("arrow_function", "function_expression"))


@cache
def _tools(language: str) -> tuple[Language, dict[str, str]]:
    grammar = GRAMMARS[language]
    known = Language(getattr(importlib.import_module(grammar.module), grammar.function)())
    return known, dict(grammar.definitions)
