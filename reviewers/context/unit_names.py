"""Change here how a definition gets its name, and where its body begins, for each known syntax."""

import re
from collections.abc import Callable, Mapping

from reviewers.context.grammars import Node, value_of

_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "qualified_identifier", "destructor_name", "operator_name"})
_BODIES = frozenset(
    {
        *("class_body", "enum_class_body", "function_body", "compound_statement", "do_block", "block", "block_start"),
        *("keyframe_block_list", "implementation_definition"),
    }
)
# https://hexdocs.pm/elixir/Kernel.html: macros that define something, and ExUnit's blocks.
_ELIXIR = frozenset(
    {
        *("def", "defp", "defmodule", "defmacro", "defmacrop", "defprotocol", "defimpl", "defguard", "defdelegate", "defstruct"),
        *("test", "describe", "setup", "schema"),
    }
)
_ID = re.compile(r"""\sid\s*=\s*["']?([^\s"'>]{1,80})""")


def name_of(node: Node, source: bytes) -> str:
    """The name of a definition, "" for one that has none and is no unit."""
    special = _SPECIAL.get(node.type)
    if special is not None and (name := special(node, source)) is not None:
        return _short(name)
    for field in ("name", "key", "property", "type"):
        found = node.child_by_field_name(field)
        if found is not None and not (field == "type" and node.type == "function_definition"):
            return _short(_text(found, source))
    at = node.child_by_field_name("declarator")
    while at is not None and at.type not in _NAMES:
        at = at.child_by_field_name("declarator") or next((child for child in at.named_children if child.type in _NAMES), None)
    return _short(_text(at, source)) if at is not None else ""


def body_of(node: Node) -> Node | None:
    """Where a definition's header ends: its body, that of the function assigned to it, or None."""
    value = value_of(node)
    body = node.child_by_field_name("body") or (value.child_by_field_name("body") if value is not None else None)
    return body or next((child for child in node.children if child.type in _BODIES), None)


def _called(node: Node, source: bytes) -> str:
    """The name that an Elixir macro defines: the first argument, without its guard and arguments."""
    target, arguments = (
        node.child_by_field_name("target"),
        next((child for child in node.named_children if child.type == "arguments"), None),
    )
    if target is None or _text(target, source) not in _ELIXIR:
        return ""
    at = arguments.named_children[0] if arguments is not None and arguments.named_children else target
    while at.type in ("binary_operator", "call"):
        inner = at.child_by_field_name("left" if at.type == "binary_operator" else "target")
        if inner is None:
            break
        at = inner
    return _text(at, source)


def _labelled(node: Node, source: bytes) -> str | None:
    """A block of HCL with its labels: "resource.aws_instance.web"."""
    parts = [child for child in node.named_children if child.type in ("identifier", "string_lit")]
    return ".".join(_text(part, source).strip('"') for part in parts) or None


def _selector(node: Node, source: bytes) -> str | None:
    """A message of Objective-C with its colons, "f:with:"; None for methods of other languages, which have a name."""
    if node.child_by_field_name("name") is not None:
        return None
    out = ""
    for child in node.named_children:
        out += _text(child, source) if child.type == "identifier" else ":" if child.type == "method_parameter" else ""
    return out


def _first_name(node: Node, source: bytes) -> str | None:
    found = next((child for child in node.named_children if child.type in ("identifier", "bare_key", "dotted_key", "quoted_key")), None)
    return None if found is None else _text(found, source)


def _assigned(node: Node, source: bytes) -> str | None:
    names = next((child for child in node.named_children if child.type == "variable_list"), None)
    return None if names is None else _text(names, source)


def _rule(node: Node, source: bytes) -> str | None:
    """The selectors of a rule of CSS, or the condition of a block."""
    body = body_of(node)
    return None if body is None else source[node.start_byte : body.start_byte].decode("utf-8", "replace")


def _element(node: Node, source: bytes) -> str | None:
    """An element by its id; one without an id encloses nothing that is worth a line."""
    tag = next((child for child in node.named_children if child.type in ("start_tag", "self_closing_tag")), None)
    found = _ID.search(_text(tag, source)) if tag is not None else None
    return f"#{found[1]}" if found else ""


def _named(name: str) -> Callable[[Node, bytes], str | None]:
    return lambda _node, _source: name


_SPECIAL: Mapping[str, Callable[[Node, bytes], str | None]] = {
    "call": _called,
    "block": _labelled,
    "assignment_statement": _assigned,
    "element": _element,
    "script_element": _named("script"),
    "style_element": _named("style"),
    "init_declaration": _named("init"),
    "deinit_declaration": _named("deinit"),
    "companion_object": _named("companion"),
    "secondary_constructor": _named("constructor"),
    **dict.fromkeys(("method_definition", "method_declaration"), _selector),
    **dict.fromkeys(("table", "table_array_element"), _first_name),
    **dict.fromkeys(("class_interface", "class_implementation", "category_interface", "category_implementation"), _first_name),
    "protocol_declaration": lambda node, source: None if node.child_by_field_name("name") else _first_name(node, source),
    **dict.fromkeys(("rule_set", "media_statement", "supports_statement", "keyframes_statement", "at_rule"), _rule),
}


def _text(node: Node, source: bytes) -> str:
    # `node.text` calls the parser's reader in Python again, which takes longer than the parsing.
    return source[node.start_byte : node.end_byte].decode("utf-8", "replace")


def _short(name: str) -> str:
    return " ".join(name.strip("\"'`").split())[:120]
