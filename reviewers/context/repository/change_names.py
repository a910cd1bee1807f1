"""Change here which names in a diff lead to other files, and how much each of them counts."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from reviewers.context.diff import parse
from reviewers.context.repository.index import SHORTEST_NAME
from reviewers.context.repository.lexing import NAME
from reviewers.context.snapshot import ChangedFile
from reviewers.context.units import read_units

# Keywords of the languages; in a small repository, few files may contain one.
_KEYWORDS = frozenset(
    (
        *("and", "any", "as", "assert", "async", "await", "bool", "boolean", "break", "byte", "case", "catch", "char"),
        *("class", "const", "continue", "declare", "def", "default", "defer", "del", "delete", "do", "double", "elif"),
        *("else", "end", "enum", "except", "export", "extends", "extern", "false", "False", "final", "finally", "float"),
        *("fmt", "for", "from", "func", "function", "global", "goto", "if", "impl", "implements", "import", "in", "include"),
        *("instanceof", "int", "interface", "internal", "is", "lambda", "let", "long", "map", "match", "mod", "module"),
        *("mut", "namespace", "new", "nil", "None", "nonlocal", "not", "null", "number", "object", "or", "override", "package"),
        *("pass", "pointer", "private", "protected", "pub", "public", "raise", "range", "readonly", "require", "return"),
        *("self", "Self", "short", "static", "str", "string", "String", "struct", "super", "switch", "this", "throw"),
        *("throws", "trait", "true", "True", "try", "type", "typeof", "typename", "uint", "undefined", "union", "unsafe"),
        *("use", "using", "val", "var", "virtual", "void", "volatile", "where", "while", "with", "yield"),
    )
)
# As much of a line as a person would read.
_READ = 2_000
_CONTEXT, _HEADING, _CHANGED, _DEFINED = 0.3, 0.6, 1.0, 2.0


class ChangeName(NamedTuple):
    """A name in a change: its weight (1 on a changed line), whether the change defines it, and the changed file with it."""

    weight: float
    defined: bool
    path: str


def change_names(files: Iterable[ChangedFile]) -> Mapping[str, ChangeName]:
    """The names in the hunks of a change, each with its greatest weight; names that a changed file defines count twice."""
    found: dict[str, ChangeName] = {}
    for file in files:
        diff = parse(file.path, file.patch)
        if diff is None:
            continue
        here: dict[str, float] = {}
        for hunk in diff.hunks:
            _raise(here, hunk.section, _HEADING)
            for row in hunk.rows:
                _raise(here, row.text, _CONTEXT if row.mark == " " else _CHANGED)
        defined = _defined(file)
        for name, weight in here.items():
            ours = weight >= _CHANGED and name in defined
            entry = ChangeName(weight * (_DEFINED if ours else 1), ours, file.path)
            if name not in found or found[name].weight < entry.weight:
                found[name] = entry
    return found


def names_in(line: str) -> tuple[str, ...]:
    """The known names at the beginning of a line, each once."""
    return _names_in(line[:_READ])


@lru_cache(maxsize=16_384)
def _names_in(line: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in NAME.findall(line) if SHORTEST_NAME <= len(name) <= 80 and name not in _KEYWORDS))


def _raise(weights: dict[str, float], line: str, weight: float) -> None:
    for name in names_in(line):
        weights[name] = max(weights.get(name, 0.0), weight)


_VALUE = re.compile(
    r"^[ \t]{0,4}(?:export[ \t]++)?(?:const|let|var|static|type|pub)?"
    r"[ \t]*+([A-Za-z_$][\w$]{2,80}+)[ \t]*+(?::[^=\n]{1,80}+)?=",
    re.MULTILINE,
)


def _defined(file: ChangedFile) -> frozenset[str]:
    out: set[str] = set()
    for path, text in ((file.previous_path or file.path, file.base), (file.path, file.head)):
        if text is not None:
            out |= {unit.name for unit in read_units(path, text)} | set(_VALUE.findall(text))
    return frozenset(out)
