"""Reads `.github/council.yml`: a wrong key or value costs itself, names its line, and never loosens a limit."""

from dataclasses import dataclass
from math import inf
from typing import TypeVar

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from app.github.repository_config import Limits, RepositoryConfig, Section

MAX_BYTES = 64_000
MAX_DEPTH = 12

S = TypeVar("S", bound=Section)


@dataclass(frozen=True)
class Problem:
    """What is wrong in the file; `line` is 1-based, 0 when the file as a whole is meant."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}" if self.line else self.message


def parse(text: str, base: RepositoryConfig) -> tuple[RepositoryConfig, tuple[Problem, ...]]:
    """The config that `text` makes of `base`, and what in it was not understood; never raises."""
    try:
        root = _compose(text)
    except _Unreadable as error:
        return base, (error.problem,)
    if root is None:
        return base, ()
    problems: list[Problem] = []
    config = _apply(base, root, "", problems)
    return config.model_copy(update={"limits": _strictest(base.limits, config.limits, root, problems)}), tuple(problems)


class _Unreadable(Exception):
    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.problem = Problem(line, message)


def _compose(text: str) -> Node | None:
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise _Unreadable(0, "the file is larger than 64 kB; it is ignored")
    try:
        depth = 0
        # Events come before any node is built, so that neither an alias bomb nor deep nesting is ever expanded.
        for event in YAML(typ="safe", pure=True).parse(text):
            if isinstance(event, AliasEvent):
                raise _Unreadable(event.start_mark.line + 1, "aliases (*name) are not allowed; the file is ignored")
            depth += isinstance(event, CollectionStartEvent)
            depth -= isinstance(event, CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _Unreadable(event.start_mark.line + 1, "nested too deeply; the file is ignored")
        node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _Unreadable(mark.line + 1 if mark else 0, f"not valid YAML ({error.problem or 'syntax'}); the file is ignored") from None
    except (YAMLError, ValueError, TypeError, AttributeError, RecursionError, IndexError, KeyError, AssertionError, NotImplementedError):
        # ruamel lets plain Python errors out on some malformed input (bad tags, bad directives).
        raise _Unreadable(0, "not valid YAML; the file is ignored") from None
    return node


def _apply(section: S, node: Node, prefix: str, problems: list[Problem]) -> S:
    if not isinstance(node, MappingNode):
        if not (isinstance(node, ScalarNode) and node.value in {"", "~", "null"}):
            problems.append(Problem(_line(node), f"{prefix.rstrip('.') or 'the file'} must hold keys and values"))
        return section
    seen: set[str] = set()
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, ScalarNode) else ""
        if key not in type(section).model_fields:
            problems.append(Problem(_line(key_node), _unknown(prefix, key, tuple(type(section).model_fields))))
        elif key in seen:
            problems.append(Problem(_line(key_node), f"{prefix}{key} is set twice; the first one stands"))
        else:
            section = _set(section, (key, value_node), prefix, problems)
        seen.add(key)
    return section


def _set(section: S, pair: tuple[str, Node], prefix: str, problems: list[Problem]) -> S:
    key, node = pair
    current = getattr(section, key)
    if isinstance(current, Section):
        return section.model_copy(update={key: _apply(current, node, f"{prefix}{key}.", problems)})
    try:
        checked = type(section).model_validate({**section.model_dump(), key: _plain(node)})
    except ValidationError as error:
        what = error.errors()[0]["msg"].removeprefix("Input ").removeprefix("Value error, ")
        problems.append(Problem(_line(node), f"{prefix}{key} {what[:200]}; the value from before stands"))
        return section
    return section.model_copy(update={key: getattr(checked, key)})


def _strictest(base: Limits, wanted: Limits, root: Node, problems: list[Problem]) -> Limits:
    held: dict[str, float | int | None] = {}
    for name in Limits.model_fields:
        before, after = getattr(base, name), getattr(wanted, name)
        held[name] = after
        if (inf if after is None else after) > (inf if before is None else before):
            held[name] = before
            shown = "no limit" if after is None else after
            message = f"limits.{name} can only be lowered here: {before} stands, not {shown}"
            problems.append(Problem(_line_of(root, "limits", name), message))
    return Limits.model_validate(held)


def _unknown(prefix: str, key: str, known: tuple[str, ...]) -> str:
    shown = f"{prefix}{key}"[:80]
    from rapidfuzz import process

    best = process.extractOne(key, known, score_cutoff=50)
    hint = f'; did you mean "{prefix}{best[0]}"?' if best else f"; known here: {', '.join(known)}"
    return f'unknown key "{shown}"{hint}'


def _plain(node: Node) -> object:
    if isinstance(node, SequenceNode):
        return [_plain(item) for item in node.value]
    if isinstance(node, MappingNode):
        return {str(_plain(key)): _plain(value) for key, value in node.value}
    text: str = node.value
    kind = str(node.tag).rsplit(":", 1)[-1]
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind in {"int", "float"}:
        try:
            return int(text, 0) if kind == "int" else float(text)
        except ValueError:
            return text
    return text


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _line_of(root: Node, *keys: str) -> int:
    node, line = root, 0
    for key in keys:
        pairs = node.value if isinstance(node, MappingNode) else ()
        found = next(((k, v) for k, v in pairs if isinstance(k, ScalarNode) and k.value == key), None)
        if found is None:
            return line
        line, node = _line(found[0]), found[1]
    return line
