"""Parses YAML into a tree with line numbers, and writes it. It is the only importer of PyYAML. No text makes it raise other errors, hang or
build objects.

Only libyaml's events are used, about 20 times as fast as a parser in Python. Values follow the core schema of YAML 1.2: `on` is text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

MAX_BYTES = 64_000
MAX_DEPTH = 12
# A file that sets every key with 50 rules of 20 patterns each has 1,400 nodes. libyaml takes 10 ms for 5,000.
MAX_NODES = 5_000

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_DUMPER = yaml.SafeDumper
_TEXT_TAGS = frozenset({"", "!", "tag:yaml.org,2002:str"})
_NULL = re.compile(r"(?:|~|null|Null|NULL)\Z")
_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z")
_INT = re.compile(r"(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z")
_FLOAT = re.compile(r"(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
# Longer numbers stay text: int() raises an error at 4,300 digits, and no setting has more than 10.
_LONGEST_NUMBER = 30
# https://yaml.org/spec/1.2.2/#51-character-set
_REFUSED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class YamlProblem:
    """What is wrong in a text. `line` is 1-based, 0 if unknown."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


@dataclass(frozen=True)
class Scalar:
    """A single value. `plain` is whether it was written without quotes, so that it may be a number."""

    line: int
    tag: str
    text: str
    plain: bool


@dataclass(frozen=True)
class YamlItems:
    """A list."""

    line: int
    tag: str
    nodes: "tuple[Node, ...]"


@dataclass(frozen=True)
class Pairs:
    """Keys and values, in order. A key may occur twice."""

    line: int
    tag: str
    nodes: "tuple[tuple[Node, Node], ...]"


Node = Scalar | YamlItems | Pairs


class UnreadableYaml(ValueError):
    """The text has no tree. `problem` says why and where."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = YamlProblem(line, message)


def read_tree(text: str) -> Node | None:
    """The tree of one document, or None if there is none. Raises UnreadableYaml and nothing else."""
    _check_characters(text)
    try:
        return _Builder(yaml.parse(text, Loader=_LOADER)).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        # libyaml marks the end of a text beyond its last line.
        line = min(mark.line, text.count("\n")) + 1 if mark else 1
        raise UnreadableYaml(line, f"not valid YAML ({getattr(error, 'problem', None) or 'syntax'})") from None


def value_of(node: Node) -> object:
    """The plain value of a tree: lists, dicts with text as keys, text, numbers, booleans and None."""
    if isinstance(node, YamlItems):
        return [value_of(item) for item in node.nodes]
    if isinstance(node, Pairs):
        values: dict[str, object] = {}
        for key, value in node.nodes:
            values.setdefault(str(value_of(key)), value_of(value))
        return values
    return _scalar_value(node.text) if node.plain else node.text


def surprise_in(node: Node) -> YamlProblem | None:
    """The first thing in a tree that no setting may contain: a tag, or a control character written as an escape."""
    if node.tag not in _TEXT_TAGS:
        return YamlProblem(node.line, f"has the tag {_short_tag(node.tag)}, and tags are not allowed")
    if isinstance(node, Scalar):
        return YamlProblem(node.line, "contains a control character") if _CONTROL.search(node.text) else None
    children = [child for pair in node.nodes for child in pair] if isinstance(node, Pairs) else node.nodes
    return next((problem for child in children if (problem := surprise_in(child))), None)


def write_tree(tree: Mapping[str, object]) -> str:
    """A block-style document that `read_tree` and `value_of` read back as the same values."""
    if not tree:
        return ""
    text: str = yaml.dump(dict(tree), Dumper=_Dumper, sort_keys=False, default_flow_style=False, allow_unicode=True, width=10**6)
    return text


class _Builder:
    """Builds nodes from events, counted before they are stored: neither an alias bomb nor deep nesting is ever expanded."""

    def __init__(self, events: Iterator[yaml.Event]) -> None:
        self._events = events
        self._nodes = 0

    def document(self) -> Node | None:
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise UnreadableYaml(event.start_mark.line + 1, "only one document is allowed")
                root = self._node(next(self._events), 0)
        return root

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line = event.start_mark.line + 1
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise UnreadableYaml(line, f"more than {MAX_NODES:,} values")
        if isinstance(event, yaml.AliasEvent):
            raise UnreadableYaml(line, "aliases (*name) are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return Scalar(line, event.tag or "", event.value, plain=event.implicit[0] and not event.tag)
        if depth == MAX_DEPTH:
            raise UnreadableYaml(line, "nested too deeply")
        children = []
        while not isinstance(inner := next(self._events), yaml.CollectionEndEvent):
            children.append(self._node(inner, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return YamlItems(line, event.tag or "", tuple(children))
        return Pairs(line, event.tag or "", tuple(zip(children[::2], children[1::2], strict=True)))


class _Dumper(_DUMPER):  # type: ignore[valid-type,misc]
    """Quotes a text that `value_of` would read as something else."""


def _represent_text(dumper: _Dumper, text: str) -> yaml.Node:
    style = None if isinstance(_scalar_value(text), str) else '"'
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
    return node


_Dumper.add_representer(str, _represent_text)


def _scalar_value(text: str) -> object:
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if len(text) > _LONGEST_NUMBER:
        return text
    if _INT.match(text):
        return int(text, 0) if text[:2] in {"0o", "0x"} else int(text)
    return float(text.replace(".inf", "inf").replace(".nan", "nan")) if _FLOAT.match(text.lower()) else text


def _check_characters(text: str) -> None:
    if refused := _REFUSED.search(text):
        raise UnreadableYaml(text.count("\n", 0, refused.start()) + 1, f"the character {refused[0]!a} is not allowed")
    data = text.encode()
    if len(data) > MAX_BYTES:
        raise UnreadableYaml(data.count(b"\n", 0, MAX_BYTES) + 1, f"larger than {MAX_BYTES // 1000} kB")


def _short_tag(tag: str) -> str:
    return tag.replace("tag:yaml.org,2002:", "!!", 1)[:80]
