"""Parses Python for tests that read the source. Change here what stands in the way of `ast.parse`."""

import ast
import contextlib


def parse(source: str) -> ast.Module:
    """The tree; Python 3.11 fails where it makes trees in two threads at once, https://github.com/python/cpython/issues/106905."""
    for _ in range(9):
        with contextlib.suppress(SystemError):
            return ast.parse(source)
    return ast.parse(source)
