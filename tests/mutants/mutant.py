"""The form of a sabotage, and how it is applied to a file: change here what a table may contain."""

import ast
from pathlib import Path
from typing import NamedTuple

from tests.syntax import parse

ROOT = Path(__file__).parents[2]


class Mutant(NamedTuple):
    """A plausible fault in one place.

    `where` is "path/of/module.py:Class.function", or "path/of/module.py" for the module itself; `find` is text that occurs there exactly
    once, and `replace` replaces it. `tests` are the closest tests, in pytest's form: files, or "file -k expression".
    """

    promise: str
    where: str
    find: str
    replace: str
    tests: tuple[str, ...]

    @property
    def path(self) -> str:
        return self.where.partition(":")[0]

    @property
    def name(self) -> str:
        """ "queue.py:Queue.claim: a lease ends": what is printed, unique in the tables."""
        return f"{self.where.rsplit('/', 1)[-1]}: {self.promise}"


def apply(mutant: Mutant, source: str) -> str | None:
    """The sabotaged source; None if the text does not occur exactly once, or if the result is not valid Python."""
    start, end = _span(source, mutant.where.partition(":")[2])
    inside = source[start:end]
    if inside.count(mutant.find) != 1 or mutant.find == mutant.replace:
        return None
    changed = source[:start] + inside.replace(mutant.find, mutant.replace) + source[end:]
    try:
        compile(changed, mutant.path, "exec")
    except SyntaxError:
        return None
    return changed


def _span(source: str, path: str) -> tuple[int, int]:
    """Where a class or function begins and ends, in characters; (0, 0) if there is none of that name."""
    body = parse(source).body
    lines = source.splitlines(keepends=True)
    if not path:
        return 0, len(source)
    found: ast.stmt | None = None
    for name in path.split("."):
        kinds = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        found = next((node for node in body if isinstance(node, kinds) and node.name == name), None)
        if found is None:
            return 0, 0
        assert isinstance(found, kinds)
        body = found.body
    assert found is not None and found.end_lineno is not None
    return sum(map(len, lines[: found.lineno - 1])), sum(map(len, lines[: found.end_lineno]))
