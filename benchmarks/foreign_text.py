"""Finds every pattern and parser in the product that may process a stranger's text. `hostile_text` must drive each of them."""

import ast
import gc
import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_PACKAGES = ("app", "reviewers", "webhooks")
# The sandbox answers on loopback to its own tests and demo; a migration reads Council's own data.
_APART = ("app/sandbox/", "app/store/migrations/")
_MATCHERS = frozenset({"search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer", "scanner"})
_PARSERS = frozenset(
    {
        "json.loads", "json.load", "from_json", "tomllib.loads", "tomllib.load", "yaml.parse", "yaml.load", "yaml.safe_load",
        "json_repair.loads", "repair_json", "MarkdownIt", "GitIgnoreSpec.from_lines", "PathSpec.from_lines", "fnmatch", "fnmatchcase",
        "re2.compile", "PatchSet", "unidiff.PatchSet", "tree_sitter.Parser", "Parser", "ast.parse", "fromstring", "model_validate_json",
    }
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """A place in the source: `name` is module:owner, with a number if an owner has several.

    `pattern` is None if only the running program knows it.
    """

    name: str
    call: str
    pattern: re.Pattern[str] | re.Pattern[bytes] | None
    methods: tuple[str, ...] = ()


def find_sites() -> list[Site]:
    """Every call that compiles or uses a pattern, and every call of a parser, in the order of the files."""
    # CPython 3.11 miscounts the depth of a tree while a collection runs code: https://github.com/python/cpython/issues/106905
    collects = gc.isenabled()
    gc.disable()
    try:
        return [site for path in _sources() for site in _Reader(path).sites()]
    finally:
        if collects:
            gc.enable()


def _sources() -> Iterator[Path]:
    for package in _PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if not path.relative_to(ROOT).as_posix().startswith(_APART):
                yield path


class _Reader:
    """Reads one module's source."""

    def __init__(self, path: Path) -> None:
        parts = path.relative_to(ROOT).with_suffix("").parts
        self._module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        self._tree = ast.parse(path.read_text(encoding="utf-8"))
        self._counted: dict[str, int] = {}

    def sites(self) -> Iterator[Site]:
        for owner, call in _owned_calls(self._tree):
            name = ast.unparse(call.func)
            method = name.removeprefix("re.") if name.startswith("re.") else ""
            if method == "compile" or method in _MATCHERS:
                pattern = self._pattern(call)
                methods = (method,) if method != "compile" else self._methods(owner)
                yield Site(self._numbered(owner), name, pattern, methods)
            elif name in _PARSERS or name.endswith(".model_validate_json"):
                yield Site(self._numbered(owner), name, None)

    def _pattern(self, call: ast.Call) -> re.Pattern[str] | re.Pattern[bytes] | None:
        """The pattern, if the module's own names are enough to know it."""
        name = ast.unparse(call.func)
        flags = call.args[1:] if name == "re.compile" else [word.value for word in call.keywords if word.arg == "flags"]
        if name in ("re.search", "re.match", "re.findall"):
            flags = flags or call.args[2:]
        built = ast.Call(func=ast.parse("re.compile", mode="eval").body, args=[call.args[0], *flags], keywords=[])
        expression = ast.fix_missing_locations(ast.Expression(built))
        try:
            names: Mapping[str, object] = vars(importlib.import_module(self._module))
            found = eval(compile(expression, self._module, "eval"), {**names, "re": re})
        except NameError:
            return None
        return found if isinstance(found, re.Pattern) else None

    def _methods(self, owner: str) -> tuple[str, ...]:
        """The methods that the module calls on a named pattern."""
        used = [
            node.attr for node in ast.walk(self._tree)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == owner and node.attr in _MATCHERS
        ]  # fmt: skip
        return tuple(dict.fromkeys(used))

    def _numbered(self, owner: str) -> str:
        count = self._counted[owner] = self._counted.get(owner, 0) + 1
        return f"{self._module}:{owner}" + (f"#{count}" if count > 1 else "")


def _owned_calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the assigned name or the function around it."""

    def walk(node: ast.AST, owner: str) -> Iterator[tuple[str, ast.Call]]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            owner = node.name if owner == "<module>" else f"{owner}.{node.name}"
        elif isinstance(node, ast.Assign | ast.AnnAssign) and owner == "<module>":
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            owner = ast.unparse(target)
        if isinstance(node, ast.Call):
            yield owner, node
        for child in ast.iter_child_nodes(node):
            yield from walk(child, owner)

    yield from walk(tree, "<module>")
