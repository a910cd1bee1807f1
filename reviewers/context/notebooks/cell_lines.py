"""Change here how the lines of a notebook file are read: the cell that a line belongs to, and the source in it.

The format is nbformat 4: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

import json
import re
from enum import StrEnum
from typing import NamedTuple

ENDING = ".ipynb"
# A mark for the line ends in a line that contains several lines of source.
_LINE_END = " ⏎ "
_TOKEN = re.compile(r'"(?:[^"\\\n]++|\\.)*+"|[{}\[\],:\n]|[^\s"{}\[\],:]++')
# Characters that some readers treat as line ends, or that no database stores.
_BROKEN = re.compile("[\r\x00\x85\u2028\u2029\ud800-\udfff]+")
_UNNAMED = re.compile(r"[^\w/+. -]+")


class CellPart(StrEnum):
    """The part of a notebook that a line belongs to; OTHER is JSON that no person wrote, such as braces and counters."""

    SOURCE = "source"
    KIND = "cell_type"
    OUTPUTS = "outputs"
    METADATA = "metadata"
    OTHER = ""


class CellLine(NamedTuple):
    """One line of the file: its cell, from 1 on (0 outside of cells), and its readable text, "" unless it is source or a kind."""

    cell: int
    part: CellPart
    text: str


class Notebook(NamedTuple):
    """A notebook's file line by line, the kind of each cell, and the media types of the outputs of each cell."""

    lines: tuple[CellLine, ...]
    kinds: tuple[str, ...]
    outputs: tuple[tuple[str, ...], ...]

    @property
    def text(self) -> str:
        """The readable text with the same number of lines as the file."""
        return "\n".join(line.text for line in self.lines)

    def name(self, cell: int) -> str:
        """ "cell 3: code", or "" outside of cells."""
        return f"cell {cell}: {self.kinds[cell - 1]}" if 1 <= cell <= len(self.kinds) else ""


def is_notebook(path: str) -> bool:
    """Whether a file's name says that it is a notebook."""
    return path.lower().endswith(ENDING)


def read_notebook(text: str) -> Notebook | None:
    """The lines of a notebook; None if the text is no notebook of nbformat 4, or is a whole notebook in a few lines."""
    try:
        cells = json.loads(text)["cells"]
        kinds = tuple(_plain_name(cell["cell_type"]) for cell in cells)
        outputs = tuple(_media_types(cell.get("outputs", ())) for cell in cells)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    lines = _Walk(kinds).read(text)
    return Notebook(lines, kinds, outputs) if len(lines) > len(kinds) else None


def as_cells(path: str, text: str) -> str:
    """The text; for a notebook, its readable form with the same number of lines."""
    notebook = read_notebook(text) if is_notebook(path) else None
    return notebook.text if notebook else text


def _media_types(outputs: list[dict[str, object]]) -> tuple[str, ...]:
    """The kinds of a cell's outputs, each once: media types, or the name of a stream or an error."""
    found: dict[str, None] = {}
    for output in outputs:
        data = output.get("data")
        if isinstance(data, dict):
            found.update(dict.fromkeys(_plain_name(kind) for kind in data))
        else:
            found[_plain_name(output.get("ename") or output.get("name") or output.get("output_type"))] = None
    return tuple(found)


def _plain_name(value: object) -> str:
    return _UNNAMED.sub(" ", str(value)[:40]).strip()


class _Walk:
    """One pass over the tokens of a JSON text that tracks the path to each: its keys and positions."""

    def __init__(self, kinds: tuple[str, ...]) -> None:
        self._kinds = kinds
        self._path: list[str | int] = []
        self._is_key = False
        self._sources: list[str] = []
        self._part, self._cell = CellPart.OTHER, 0

    @property
    def _name(self) -> str:
        return f"[cell {self._cell}: {self._kinds[self._cell - 1]}]" if self._cell else ""

    def read(self, text: str) -> tuple[CellLine, ...]:
        lines: list[CellLine] = []
        for match in _TOKEN.finditer(text):
            if match[0] == "\n":
                lines.append(self._line())
            else:
                self._take(match[0])
        return (*lines, self._line())

    def _line(self) -> CellLine:
        """The line that ends here; outputs and metadata continue in the next one."""
        if self._sources:
            text = _BROKEN.sub("", "".join(self._sources)).removesuffix("\n").replace("\n", _LINE_END)
            line = CellLine(self._cell, CellPart.SOURCE, text)
        elif self._part is CellPart.SOURCE:
            line = CellLine(self._cell, CellPart.OTHER, "")
        else:
            line = CellLine(self._cell, self._part, self._name if self._part is CellPart.KIND else "")
        self._sources = []
        self._look()
        if self._part is CellPart.KIND:
            self._part = CellPart.OTHER
        return line

    def _take(self, sign: str) -> None:
        if sign in "{[":
            self._path.append("" if sign == "{" else 0)
            self._is_key = sign == "{"
        elif sign in "}]":
            self._path.pop()
        elif sign == ",":
            last = self._path[-1]
            self._is_key = isinstance(last, str)
            if isinstance(last, int):
                self._path[-1] = last + 1
        elif sign == ":":
            self._is_key = False
        elif self._is_key:
            self._path[-1] = json.loads(sign)
            self._look()
        elif self._part_here() is CellPart.SOURCE and sign[0] == '"':
            self._sources.append(json.loads(sign))
        else:
            self._look()

    def _look(self) -> None:
        """Record the path's part for this line, unless the line already has a more important one."""
        if len(self._path) > 1 and self._path[0] == "cells" and isinstance(self._path[1], int):
            self._cell = min(self._path[1] + 1, len(self._kinds))
        elif self._path and self._path[0] != "cells":
            self._cell = 0
        self._part = self._part_here()

    def _part_here(self) -> CellPart:
        path = self._path
        if path and path[0] == "metadata":
            return CellPart.METADATA
        if len(path) < 3 or path[0] != "cells":
            return CellPart.OTHER
        key = path[2]
        if key == "source" and len(path) <= 4:
            return CellPart.SOURCE
        known = {
            CellPart.KIND: key == "cell_type",
            CellPart.OUTPUTS: key == "outputs",
            CellPart.METADATA: key in ("metadata", "attachments"),
        }
        return next((part for part, is_here in known.items() if is_here), CellPart.OTHER)
