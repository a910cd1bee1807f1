"""Change here which code of the repository is shown with every change, and in which order.

A line is chosen by the names that it shares with the change: rare names count most, definitions more than uses, files that share
much with the change more than others. `python -m benchmarks sight` measured the figures on repositories of several languages.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reviewers.context.repository.change_names import ChangeName, change_names, names_in
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.lexing import code_only
from reviewers.context.repository.line_selection import LineSelection, numbered_row
from reviewers.context.repository.looks import Look, LookKind
from reviewers.context.snapshot import ChangedFile, RelatedCode
from reviewers.context.tokens import count
from reviewers.context.units import Unit, enclosing_units

MOST_FILES, TOKENS = 30, 4_000
_COMMON, _FEW = 0.35, 12
_FOLDER, _SAME_STEM = 1.3, 1.3
_DEFINITION, _MENTION, _AGAIN = 2.5, 0.4, 0.95
# Code changes together with a change far more often than tests and texts that use the same names.
_BESIDE = 0.4
_ASKED, _NAMES = 1.0, 4
_TYPES = re.compile(r"\b(?:class|interface|struct|trait|impl|extends|implements|enum|record)\b")


class _Place(NamedTuple):
    """A file that shares names with the change: the score of each of its lines, and the name that counts most on it."""

    path: str
    lines: Sequence[str]
    scores: Mapping[int, float]
    names: Mapping[int, str]
    units: Sequence[Unit]
    role: str


class RelatedSearch:
    """One change and the index of its head: first the paths to read, then the lines to show from their texts."""

    def __init__(self, index: RepositoryIndex, files: Iterable[ChangedFile]) -> None:
        changed = tuple(files)
        self._index = index
        self._known = change_names(changed)
        self._changed = {path for file in changed for path in (file.path, file.previous_path) if path}
        self._values = self._weigh()
        self._candidates = self._rank()
        self.paths: Sequence[str] = tuple(index.files[number].path for _, number in self._candidates)

    def related(self, texts: Mapping[str, str], tokens: int = TOKENS) -> tuple[RelatedCode, ...]:
        """The related lines of the files within a token budget, a block per file, the best first."""
        best = self._candidates[0][0] if self._candidates else 1.0
        places = [
            self._place(number, texts[path], value / best)
            for path, (value, number) in zip(self.paths, self._candidates, strict=True)
            if path in texts
        ]
        return tuple(self._block(places[number], sorted(shown)) for number, shown in LineSelection(places, tokens).choose())

    def suggest(self, most: int) -> tuple[Look, ...]:
        """The looks most worth requesting for the change: uses of its rarest names elsewhere, several names per look."""
        own = {self._index.number[path] for path in self._changed if path in self._index.number}
        names = [name for name in self._values if self._known[name].weight >= _ASKED and set(self._index.holding(name)) - own]
        names.sort(key=lambda name: (-self._values[name], name))
        groups = [names[at : at + _NAMES] for at in range(0, len(names), _NAMES)]
        return tuple(Look(kind=LookKind.USES, target=", ".join(group)) for group in groups[:most])

    def _weigh(self) -> dict[str, float]:
        """The value of each name in the change: by its weight and by how few files contain it; ubiquitous names are left out."""
        total, values = max(1, self._index.readable), {}
        for name, entry in self._known.items():
            files = self._index.frequency(name)
            if 0 < files <= max(_FEW, total * _COMMON):
                values[name] = entry.weight * math.log((total + 1) / (files + 0.5)) ** 2
        return values

    def _rank(self) -> list[tuple[float, int]]:
        shared: dict[int, float] = {}
        for name, value in self._values.items():
            for number in self._index.holding(name):
                shared[number] = shared.get(number, 0.0) + value
        ranked = [
            (value * self._nearness(self._index.files[number].path) * self._index.files[number].weight, number)
            for number, value in shared.items()
            if self._index.files[number].path not in self._changed and value > 0
        ]
        return sorted(ranked, key=lambda row: (-row[0], row[1]))[:MOST_FILES]

    def _nearness(self, path: str) -> float:
        """A bonus for a file in the folder of a changed file, and for one of the same name elsewhere."""
        folder, _, name = path.rpartition("/")
        best = 1.0
        for other in self._changed:
            other_folder, _, other_name = other.rpartition("/")
            near = _FOLDER if folder == other_folder else 1 + (_FOLDER - 1) / 2 * _common(folder, other_folder)
            best = max(best, near * (_SAME_STEM if name.split(".")[0].lower() == other_name.split(".")[0].lower() else 1))
        return best

    def _place(self, number: int, text: str, share: float) -> _Place:
        file, lines = self._index.files[number], text.split("\n")
        code, units = code_only(file.path, text).split("\n"), self._index.definitions(number)
        defined = {(row, unit.name) for unit in units for row in range(unit.start, unit.header + 1)}
        factor = share * self._nearness(file.path) * file.weight * (_BESIDE if file.role in ("test", "prose") else 1)
        scores: dict[int, float] = {}
        best: dict[int, str] = {}
        seen: Counter[str] = Counter()
        for row, line in enumerate(lines, 1):
            names = [name for name in names_in(line) if name in self._values]
            if not names:
                continue
            in_code = set(names_in(code[row - 1]))
            values = {}
            for name in names:
                value = self._values[name] * (_DEFINITION if (row, name) in defined else 1) * (1 if name in in_code else _MENTION)
                values[name] = value * _AGAIN ** min(seen[name], 6)
                seen[name] += 1
            scores[row] = sum(values.values()) * factor
            best[row] = max(names, key=lambda name: (values[name], name))
        return _Place(file.path, lines, scores, best, units, file.role)

    def _block(self, place: _Place, shown: Sequence[int]) -> RelatedCode:
        hit = max((row for row in shown if row in place.scores), key=lambda row: (place.scores[row], -row))
        name = place.names[hit]
        text = _numbered(place.lines, shown)
        about = self._known[name].path
        return RelatedCode(
            path=place.path, first=shown[0], text=text, reason=_reason(place, hit, name, self._known[name]), about=about, tokens=count(text)
        )


def _numbered(lines: Sequence[str], shown: Sequence[int]) -> str:
    parts: list[str] = []
    for at, number in enumerate(shown):
        if at and number != shown[at - 1] + 1:
            parts.append("...")
        parts.append(numbered_row(number, lines[number - 1]))
    return "\n".join(parts)


def _reason(place: _Place, row: int, name: str, entry: ChangeName) -> str:
    """Why a file is shown, by its best line."""
    by = "which the change defines or changes" if entry.defined else "which the changed lines name"
    defining = next((unit for unit in place.units if unit.name == name and unit.start <= row <= unit.header), None)
    if place.role == "test":
        return f"a test that names `{name}`, {by}"
    if defining is not None:
        return f"defines `{name}` too" if entry.defined else f"defines `{name}`, {by}"
    header = next((unit for unit in place.units if unit.start <= row <= unit.header), None)
    if header is not None and _TYPES.search(" ".join(place.lines[header.start - 1 : header.header])):
        return f"`{header.name}` extends or implements `{name}`, {by}"
    around = enclosing_units(place.units, row)
    return f"uses `{name}`, {by}" + (f", in `{around[-1].qualified}`" if around else "")


def _common(first: str, second: str) -> float:
    """The share of two folder paths that is the same from the root on."""
    ours, theirs = first.split("/"), second.split("/")
    same = next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), min(len(ours), len(theirs)))
    return same / max(len(ours), len(theirs))
