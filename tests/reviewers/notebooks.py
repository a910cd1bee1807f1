"""Notebooks in Jupyter's format, for tests."""

import json
from collections.abc import Sequence


def cell(source: str, kind: str = "code", outputs: Sequence[dict[str, object]] = (), count: int | None = 1) -> dict[str, object]:
    """A cell whose source is a list of lines, in nbformat's form."""
    code = {"execution_count": count, "outputs": list(outputs)} if kind == "code" else {}
    return {"cell_type": kind, "id": "a1b2c3d4", "metadata": {}, "source": source.splitlines(keepends=True), **code}


def picture(data: str) -> dict[str, object]:
    """The output of a plot."""
    return {"output_type": "display_data", "metadata": {}, "data": {"image/png": data * 400, "text/plain": ["<Figure>"]}}


def notebook(*cells: dict[str, object], indent: int = 1) -> str:
    """The text of a notebook's file: keys in order, one value per line."""
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    return json.dumps({"cells": cells, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=indent, sort_keys=True) + "\n"
