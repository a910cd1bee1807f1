"""The languages whose syntax is known: which grammar reads a file, and which of its nodes are definitions. The only door to tree-sitter."""

import importlib
from functools import cache
from typing import NamedTuple

import tree_sitter
from tree_sitter import Language, Parser, Query, QueryCursor

Node = tree_sitter.Node
LONGEST = 1_000_000


class Grammar(NamedTuple):
    """A grammar's wheel, the function in it, and the definitions it knows as a tree-sitter query."""

    module: str
    function: str
    definitions: str


def _nodes(*kinds: str) -> str:
    return " ".join(f"({kind}) @unit" for kind in kinds)


_FUNCTION = "[(arrow_function) (function_expression)]"
_SCRIPT = (
    _nodes("function_declaration", "generator_function_declaration", "class_declaration", "method_definition")
    + f" (variable_declarator value: {_FUNCTION}) @unit (pair value: {_FUNCTION}) @unit"
)
_TYPED = (
    _SCRIPT
    + f" (public_field_definition value: {_FUNCTION}) @unit "
    + _nodes("abstract_class_declaration", "interface_declaration", "enum_declaration", "type_alias_declaration", "internal_module")
)
_C = _nodes("function_definition") + "".join(
    f" ({kind} body: (_)) @unit" for kind in ("struct_specifier", "enum_specifier", "union_specifier")
)

GRAMMARS = {
    "python": Grammar("tree_sitter_python", "language", _nodes("function_definition", "class_definition")),
    "javascript": Grammar("tree_sitter_javascript", "language", f"{_SCRIPT} (field_definition value: {_FUNCTION}) @unit"),
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
    "cpp": Grammar("tree_sitter_cpp", "language", f"{_C} (class_specifier body: (_)) @unit (namespace_definition) @unit"),
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


def definitions(language: str, text: str) -> list[Node]:
    """The definitions in a text, in its order; a text with errors gives those that can be read."""
    source = text.encode("utf-8", "replace")
    if not source or len(source) > LONGEST:
        return []
    known, query = _tools(language)
    # A parser of its own for each text: seats pack in threads.
    root = Parser(known).parse(source).root_node
    return sorted(QueryCursor(query).captures(root).get("unit", []), key=lambda node: (node.start_byte, -node.end_byte))


@cache
def _tools(language: str) -> tuple[Language, Query]:
    grammar = GRAMMARS[language]
    known = Language(getattr(importlib.import_module(grammar.module), grammar.function)())
    return known, Query(known, grammar.definitions)
