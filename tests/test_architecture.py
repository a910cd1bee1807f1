"""docs/architecture.md names files and functions that exist."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "docs/architecture.md").read_text("utf-8")
_PATH = re.compile(r"`((?:app|reviewers|webhooks|tests)/[\w/.]*)`")
_ROW = re.compile(r"^\|[^|]*\|([^|]*)\|([^|]*)\|$", re.MULTILINE)


def names_in(path: Path) -> set[str]:
    """What a module defines: functions, classes, "Class.method", constants."""
    found: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            methods = (each for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)))
            found |= {node.name, *(f"{node.name}.{method.name}" for method in methods)}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id for target in targets if isinstance(target, ast.Name)}
    return found


def test_each_path_exists() -> None:
    assert [path for path in _PATH.findall(TEXT) if not (ROOT / path).exists()] == []


def test_each_station_names_what_its_files_define() -> None:
    stations = [row.groups() for row in _ROW.finditer(TEXT) if ".py`" in row[1]]
    assert len(stations) > 25
    for files, functions in stations:
        defined = {name for path in _PATH.findall(files) for name in names_in(ROOT / path)}
        named = re.findall(r"`([A-Za-z]\w*(?:\.\w+)?)`", functions)
        assert named and set(named) <= defined, (files, set(named) - defined)
