"""Every error and refusal in the source, word for word: a changed message shows in the difference of its snapshot."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.snapshots import TextSnapshot
from tests.syntax import parse

ROOT = Path(__file__).parents[1]
# Errors of Python, whose texts are for programmers, and errors that are caught before anybody reads them.
_INTERNAL = frozenset(
    {
        "ValueError",
        "TypeError",
        "KeyError",
        "LookupError",
        "AssertionError",
        "RuntimeError",
        "NotImplementedError",
        "Postponed",
        "Superseded",
    }
)
# Values that carry a sentence for people.
_CARRIERS = frozenset({"Denial", "NoMirror", "SkipReason", "Conclusion", "CheckLine", "Misread"})
FOLDERS = (
    "app/cli",
    "app/web",
    "app/work",
    "app/services",
    "app/configuration",
    "app/councils",
    "app/authorization",
    "app/operations",
    "app/requests",
    "app/repositories",
    "app/queue",
    "app/mcp",
    "app/store",
    "app/github",
    "app/git",
    "app/action",
    "app/notifications",
    "webhooks",
)


def texts(node: ast.expr) -> Iterator[str]:
    """The strings in an expression, with {…} for each value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "{…}" for part in node.values)  # type: ignore[misc]
    elif isinstance(node, ast.IfExp | ast.BoolOp | ast.BinOp | ast.Call):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                yield from texts(child)


def messages(source: str) -> Iterator[str]:
    """The sentences that a module raises or returns as refusals."""
    tree = parse(source)
    raised = {id(node.exc) for node in ast.walk(tree) if isinstance(node, ast.Raise)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        if name in _CARRIERS or (id(node) in raised and name not in _INTERNAL):
            yield from (text for argument in node.args for text in texts(argument) if len(text.split()) > 2)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.replace("/", "-"))
def test_messages(folder: str, snapshot: SnapshotAssertion) -> None:
    shown = []
    for path in sorted((ROOT / folder).rglob("*.py")):
        said = sorted(set(messages(path.read_text("utf-8"))))
        shown += [f"{path.relative_to(ROOT)}", *(f"  {text}" for text in said)] if said else []
    assert "\n".join(shown) == snapshot.use_extension(TextSnapshot)


def test_a_message_is_found_in_each_form() -> None:
    source = """
def check(x):
    if x:
        raise UserError(f"{x} is wrong; use y" if x else "x is missing here")
    raise ValueError("this is for programmers")
    return Denial("Only people with write access " "can do this.")
"""
    assert sorted(messages(source)) == ["Only people with write access can do this.", "x is missing here", "{…} is wrong; use y"]
