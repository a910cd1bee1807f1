"""Change here what of the repository is shown with a change before anybody asks, and in which order.

Chosen by what the change and a line have in common: rare names count most, definitions more than uses, files that share much with the
change more than others. The figures were measured by `python -m benchmarks sight` on repositories of several languages.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from reviewers.context.invisible import visible
from reviewers.context.repository.change_names import ChangeName, change_names, names_in
from reviewers.context.repository.index import RepositoryIndex
from reviewers.context.repository.lexing import code_only
from reviewers.context.repository.looks import Look, LookKind
from reviewers.context.snapshot import ChangedFile, RelatedCode
from reviewers.context.tokens import count
from reviewers.context.units import Unit, enclosing

MOST_FILES, TOKENS = 30, 4_000
_COMMON, _FEW = 0.35, 12
_FOLDER, _SAME_STEM = 1.3, 1.3
_DEFINITION, _MENTION, _AGAIN = 2.5, 0.4, 0.95
# First a few lines around the best single lines, then wider windows around the densest places.
_FIRST_SHARE, _FIRST_MOST, _FIRST_NEAR, _FIRST_FADE = 0.5, 1_000, 2, 0.8
_NEAR, _GAP, _FADE, _FALL = 7, 5, 0.9, 0.08
_FRAME, _WINDOW = 30, 2
# What is left of a name's worth where all its files were reached by other names.
_REACHED = 0.3
_TYPES = re.compile(r"\b(?:class|interface|struct|trait|impl|extends|implements|enum|record)\b")


class _Place(NamedTuple):
    """A file that has something in common with the change: the score of each of its lines, and the name that counts most on it."""

    path: str
    lines: Sequence[str]
    scores: Mapping[int, float]
    names: Mapping[int, str]
    units: Sequence[Unit]
    role: str


class RelatedSearch:
    """One change and the index of its head: first the paths to read, then what to show of their texts."""

    def __init__(self, index: RepositoryIndex, files: Iterable[ChangedFile]) -> None:
        changed = tuple(files)
        self._index = index
        self._known = change_names(changed)
        self._changed = {path for file in changed for path in (file.path, file.previous_path) if path}
        self._values = self._weigh()
        self._candidates = self._rank()
        self.paths: Sequence[str] = tuple(index.files[number].path for _, number in self._candidates)

    def related(self, texts: Mapping[str, str], tokens: int = TOKENS) -> tuple[RelatedCode, ...]:
        """The related lines of the files, at most so many tokens, a block for each file, the best first."""
        best = self._candidates[0][0] if self._candidates else 1.0
        places = [
            self._place(number, texts[path], value / best)
            for path, (value, number) in zip(self.paths, self._candidates, strict=True)
            if path in texts
        ]
        return tuple(self._block(places[number], sorted(shown)) for number, shown in _Selection(places, tokens).choose())

    def suggest(self, most: int) -> tuple[Look, ...]:
        """The looks that would say most about the change: uses of its rarest names elsewhere, those first that lead to other files."""
        own = {self._index.number[path] for path in self._changed if path in self._index.number}
        files = {name: set(self._index.holding(name)) - own for name in sorted(self._values) if self._known[name].weight >= 1}
        chosen: list[str] = []
        reached: set[int] = set()
        while len(chosen) < most and (left := [name for name in files if files[name] and name not in chosen]):
            worth = {name: self._values[name] * (_REACHED + len(files[name] - reached) / len(files[name])) for name in left}
            best = max(left, key=worth.__getitem__)
            chosen.append(best)
            reached |= files[best]
        return tuple(Look(kind=LookKind.USES, target=name) for name in chosen)

    def _weigh(self) -> dict[str, float]:
        """The value of each name of the change: by its weight and by how few files hold it; names of everywhere are left out."""
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
        """More for a file in the folder of a changed one, and for one of the same name elsewhere."""
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
        factor = share * self._nearness(file.path) * file.weight
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


class _Selection:
    """Lines of several files within a budget of tokens; each further place of a file counts a little less than the one before."""

    def __init__(self, places: Sequence[_Place], tokens: int) -> None:
        self._places, self._left, self._tokens = places, tokens, tokens
        self._shown: dict[int, set[int]] = {}

    def choose(self) -> list[tuple[int, set[int]]]:
        """Places by number with their lines, the best first."""
        first = [(-score, at, row) for at, place in enumerate(self._places) for row, score in place.scores.items()]
        self._take(first, _FIRST_NEAR, _FIRST_FADE, self._tokens - min(_FIRST_SHARE * self._tokens, _FIRST_MOST))
        wide = [(-_around(place, row), at, row) for at, place in enumerate(self._places) for row in place.scores]
        self._take(wide, _NEAR, _FADE, 0)
        value = {at: sum(self._places[at].scores.get(row, 0.0) for row in rows) for at, rows in self._shown.items()}
        return sorted(self._shown.items(), key=lambda item: (-value[item[0]], item[0]))

    def _take(self, rows: Iterable[tuple[float, int, int]], near: int, fade: float, leave: float) -> None:
        """Show the best places until no more than `leave` tokens are left."""
        heap = [(score, at, row, 0) for score, at, row in rows]
        heapq.heapify(heap)
        taken: Counter[int] = Counter()
        while heap and self._left > leave:
            score, at, row, before = heapq.heappop(heap)
            shown = self._shown.get(at, set())
            if row in shown:
                continue
            if before != taken[at]:
                heapq.heappush(heap, (score * fade ** (taken[at] - before), at, row, taken[at]))
                continue
            new = self._window(at, row, near)
            lines = self._places[at].lines
            cost = sum(_cost(number, lines[number - 1]) for number in new) + _WINDOW + (0 if shown else _FRAME)
            if cost <= self._left:
                self._left -= cost
                taken[at] += 1
                self._shown.setdefault(at, set()).update(new)

    def _window(self, at: int, row: int, near: int) -> list[int]:
        """The lines around a row that are not shown yet, and those of a short gap to the ones that are."""
        shown, last = self._shown.get(at, set()), len(self._places[at].lines)
        low, high = max(1, row - near), min(last, row + near)
        if near > _FIRST_NEAR:
            low = next((low - step + 1 for step in range(1, _GAP + 1) if low - step in shown), low)
            high = next((high + step - 1 for step in range(1, _GAP + 1) if high + step in shown), high)
            low, high = (1 if low <= _GAP else low), (last if high + _GAP >= last else high)
        return [number for number in range(low, high + 1) if number not in shown]


def _around(place: _Place, row: int) -> float:
    """The score of a window, to which lines count less the farther they are from its middle."""
    rows = range(row - _NEAR, row + _NEAR + 1)
    return sum(place.scores.get(number, 0.0) * (1 - _FALL * abs(number - row)) for number in rows)


def _cost(number: int, line: str) -> int:
    return count(_row(number, line) + "\n")


def _row(number: int, line: str) -> str:
    # A number and a tab take one token and a fifth; the padding of aligned numbers takes two more on each line.
    return f"{number}\t{visible(line[:_LONGEST])}{' [cut]' if len(line) > _LONGEST else ''}".rstrip()


_LONGEST = 400


def _numbered(lines: Sequence[str], shown: Sequence[int]) -> str:
    parts: list[str] = []
    for at, number in enumerate(shown):
        if at and number != shown[at - 1] + 1:
            parts.append("...")
        parts.append(_row(number, lines[number - 1]))
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
    around = enclosing(place.units, row)
    return f"uses `{name}`, {by}" + (f", in `{around[-1].qualified}`" if around else "")


def _common(first: str, second: str) -> float:
    """Which share of two folders' names, from the root on, is the same."""
    ours, theirs = first.split("/"), second.split("/")
    same = next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), min(len(ours), len(theirs)))
    return same / max(len(ours), len(theirs))
