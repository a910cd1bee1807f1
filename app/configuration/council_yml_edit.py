"""Adds an item to a list in a council.yml, so that comments and the order of lines stay where that is possible."""

import re
from collections.abc import Iterator, Mapping, Sequence

from app.configuration.council_yml import ConfigFile, load
from app.configuration.settings_layers import set_values, write_setting
from app.configuration.yaml_tree import Pairs, Scalar, YamlItems, write_tree

_INDENTED = re.compile(r"[ ]*")


def append_item(text: str, key: str, before: Sequence[object], item: object) -> str | None:
    """The text with the list `key`, such as "review.paths", extended by an item. None if the text is unreadable.

    `before` are the items that apply if the text does not set the key; they are written as well, because a list replaces the one below it.
    Each form of the edit is read back, and the first one that sets this key and nothing else is used.
    """
    file = load(text)
    if file.root is None and file.problems:
        return None
    values = set_values(text)
    own = values.get(key)
    items = [*(own if isinstance(own, list) else before), item]
    wanted = {**values, key: items}
    return next((edited for edited in _edits(text, file, key, items) if _reads_as(edited, wanted)), None)


def _reads_as(text: str, wanted: Mapping[str, object]) -> bool:
    return set_values(text) == wanted


def _edits(text: str, file: ConfigFile, key: str, items: Sequence[object]) -> Iterator[str]:
    """The edited texts, those that keep most of the file first."""
    section, name = key.split(".")
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    root = file.root if isinstance(file.root, Pairs) else None
    above = next((pair for pair in root.nodes if _is_named(pair[0], section)), None) if root else None
    if above is None:
        gap = ["\n"] if "".join(lines).strip() else []
        yield "".join([*lines, *gap, *_block({section: {name: list(items)}}, 0)])
        return
    children = above[1].nodes if isinstance(above[1], Pairs) else ()
    if (found := next((pair for pair in children if _is_named(pair[0], name)), None)) is None:
        indent = _indent(lines[children[0][0].line - 1]) if children else _indent(lines[above[0].line - 1]) + 2
        yield _insert(lines, above[0].line, _block({name: list(items)}, indent))
    else:
        start, indent = found[0].line, _indent(lines[found[0].line - 1])
        if isinstance(found[1], YamlItems) and found[1].nodes:
            last = found[1].nodes[-1].line
            dash = _indent(lines[last - 1])
            yield _insert(lines, _end(lines, last, dash), _block({name: [items[-1]]}, dash)[1:])
        end = _end(lines, start, indent)
        yield "".join([*lines[: start - 1], *_block({name: list(items)}, indent), *lines[end:]])
    yield write_setting({**set_values(text), key: list(items)})


def _is_named(node: object, name: str) -> bool:
    return isinstance(node, Scalar) and node.text == name


def _block(tree: Mapping[str, object], indent: int) -> list[str]:
    return [" " * indent + line for line in write_tree(tree).splitlines(keepends=True)]


def _insert(lines: Sequence[str], after: int, added: Sequence[str]) -> str:
    return "".join([*lines[:after], *added, *lines[after:]])


def _indent(line: str) -> int:
    found = _INDENTED.match(line)
    return len(found[0]) if found else 0


def _end(lines: Sequence[str], start: int, indent: int) -> int:
    """The number of the last line that belongs to the node which starts at line `start` with this indentation."""
    last = start
    for number in range(start + 1, len(lines) + 1):
        line = lines[number - 1]
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if _indent(line) < indent or (_indent(line) == indent and not line.lstrip().startswith("- ")):
            break
        if _indent(line) == indent and lines[start - 1].lstrip().startswith("- "):
            break
        last = number
    return last
