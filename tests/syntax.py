"""Parses Python for tests that read the source. Change here what works around a bug of `ast.parse`."""

import ast
import contextlib


def parse(source: str) -> ast.Module:
    """The tree. Python 3.11 fails if two threads parse at once, https://github.com/python/cpython/issues/106905."""
    for _ in range(9):
        with contextlib.suppress(SystemError):
            return ast.parse(source)
    return ast.parse(source)
