"""The table of known languages: which grammar reads a file, and which of its nodes are definitions. Add a language here."""

from typing import NamedTuple

# A definition of several lines; on one line it contains nothing.
LINES = "lines"


class Grammar(NamedTuple):
    """A grammar's wheel, the function in it, and its definition nodes, each with the part it must have (`grammars._has`), or "".

    `is_code` is False for markup and settings: the structure around a line is shown, but nothing in them is called.
    """

    module: str
    function: str
    definitions: tuple[tuple[str, str], ...]
    is_code: bool = True


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
    "kotlin": Grammar(
        "tree_sitter_kotlin",
        "language",
        _nodes("class_declaration", "object_declaration", "companion_object", "function_declaration", "secondary_constructor"),
    ),
    "swift": Grammar(
        "tree_sitter_swift",
        "language",
        (
            *_nodes("class_declaration", "protocol_declaration", "function_declaration", "protocol_function_declaration"),
            *_nodes("init_declaration", "deinit_declaration"),
            *_nodes("property_declaration", field="computed_value"),
        ),
    ),
    "scala": Grammar(
        "tree_sitter_scala",
        "language",
        _nodes(
            *("class_definition", "object_definition", "trait_definition", "enum_definition", "given_definition"),
            *("function_definition", "function_declaration"),
        ),
    ),
    "elixir": Grammar("tree_sitter_elixir", "language", _nodes("call", field="target")),
    "lua": Grammar(
        "tree_sitter_lua", "language", (*_nodes("function_declaration"), *_nodes("assignment_statement", "field", field="value"))
    ),
    "hcl": Grammar("tree_sitter_hcl", "language", _nodes("block")),
    "objc": Grammar(
        "tree_sitter_objc",
        "language",
        (
            *_C,
            *_nodes("class_interface", "class_implementation", "category_interface", "category_implementation", "protocol_declaration"),
            *_nodes("method_definition", "method_declaration"),
        ),
    ),
    "css": Grammar(
        "tree_sitter_css",
        "language",
        _nodes("rule_set", "media_statement", "supports_statement", "keyframes_statement", "at_rule"),
        is_code=False,
    ),
    "html": Grammar("tree_sitter_html", "language", _nodes("element", "script_element", "style_element"), is_code=False),
    "svelte": Grammar("tree_sitter_svelte", "language", _nodes("element", "script_element", "style_element"), is_code=False),
    "yaml": Grammar("tree_sitter_yaml", "language", _nodes("block_mapping_pair", field=LINES), is_code=False),
    "toml": Grammar("tree_sitter_toml", "language", _nodes("table", "table_array_element"), is_code=False),
}

_ENDINGS = {
    **dict.fromkeys(("py", "pyi"), "python"),
    **dict.fromkeys(("js", "jsx", "mjs", "cjs"), "javascript"),
    **dict.fromkeys(("ts", "mts", "cts"), "typescript"),
    **dict.fromkeys(("rb", "rake", "gemspec"), "ruby"),
    **dict.fromkeys(("c", "h"), "c"),
    **dict.fromkeys(("cc", "cpp", "cxx", "hh", "hpp", "hxx", "ipp"), "cpp"),
    **dict.fromkeys(("sh", "bash"), "bash"),
    **dict.fromkeys(("kt", "kts"), "kotlin"),
    **dict.fromkeys(("scala", "sc"), "scala"),
    **dict.fromkeys(("ex", "exs"), "elixir"),
    **dict.fromkeys(("tf", "tfvars", "hcl"), "hcl"),
    **dict.fromkeys(("m", "mm"), "objc"),
    **dict.fromkeys(("html", "htm", "xhtml"), "html"),
    **dict.fromkeys(("yaml", "yml"), "yaml"),
    **{name: name for name in ("swift", "lua", "css", "svelte", "toml", "tsx")},
    "go": "go",
    "rs": "rust",
    "java": "java",
    "php": "php",
    "cs": "c-sharp",
}


def language_of(path: str) -> str:
    """The name of the grammar that reads files of this name, or ""."""
    return _ENDINGS.get(path.rpartition("/")[2].rpartition(".")[2].lower(), "") if "." in path else ""


def code_language_of(path: str) -> str:
    """The same for code, "" for markup and settings."""
    language = language_of(path)
    return language if language and GRAMMARS[language].is_code else ""


def defines(path: str) -> bool:
    """Whether other files can use what a file of this name defines: not so for markup and settings."""
    return not language_of(path) or bool(code_language_of(path))
