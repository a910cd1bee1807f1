"""Change here which lines of several files are shown within a token budget, given the worth of each line."""

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Protocol

from reviewers.context.hidden_characters import show_hidden
from reviewers.context.tokens import count
from reviewers.text_cache import text_cache

# First a few lines around the best single lines, then wider windows around the densest places.
_FIRST_SHARE, _FIRST_MOST, _FIRST_NEAR, _FIRST_FADE = 0.5, 1_000, 2, 0.8
_NEAR, _GAP, _FADE, _FALL = 7, 5, 0.9, 0.08
_FRAME, _WINDOW, _FAR = 30, 2, 24
_LONGEST = 400


class ScoredFile(Protocol):
    """A file and the worth of its lines, by number from 1; a line without a score is worth nothing."""

    @property
    def path(self) -> str: ...

    @property
    def lines(self) -> Sequence[str]: ...

    @property
    def scores(self) -> Mapping[int, float]: ...


class LineSelection:
    """Selects lines of several files within a token budget; each further place in a file counts a little less than the one before."""

    def __init__(self, places: Sequence[ScoredFile], tokens: int, seen: Mapping[str, AbstractSet[int]] = MappingProxyType({})) -> None:
        """`seen` are lines, by path, that are not selected again."""
        self._places, self._left, self._tokens = places, tokens, tokens
        self._seen = {at: seen[place.path] for at, place in enumerate(places) if place.path in seen}
        self._shown: dict[int, set[int]] = {}

    def choose(self) -> list[tuple[int, set[int]]]:
        """Places by number with their lines, the best first."""
        first = [(-score, at, row) for at, place in enumerate(self._places) for row, score in place.scores.items()]
        self._take(first, _FIRST_NEAR, _FIRST_FADE, self._tokens - min(_FIRST_SHARE * self._tokens, _FIRST_MOST))
        wide = [(-_around(place, row), at, row) for at, place in enumerate(self._places) for row in place.scores]
        self._take(wide, _NEAR, _FADE, 0)
        value = {at: sum(self._places[at].scores.get(row, 0.0) for row in rows) for at, rows in self._shown.items()}
        return sorted(self._shown.items(), key=lambda item: (-value[item[0]], item[0]))

    def choose_uses(self) -> list[tuple[int, set[int]]]:
        """Every line that has a score, in the order of the files, then more and more lines around them while there is room."""
        rows = [(-score, at, row) for at, place in enumerate(self._places) for row, score in place.scores.items()]
        for near, leave in ((0, 0.0), (_FIRST_NEAR, 0.0), (_NEAR, 0.0), (_FAR, 0.0)):
            self._take(rows, near, _FIRST_FADE, leave)
        return sorted(self._shown.items())

    def _take(self, rows: Iterable[tuple[float, int, int]], near: int, fade: float, leave: float) -> None:
        """Show the best places until no more than `leave` tokens are left."""
        heap = [(score, at, row, 0) for score, at, row in rows]
        heapq.heapify(heap)
        taken: Counter[int] = Counter()
        around: dict[int, set[int]] = {}
        while heap and self._left > leave:
            score, at, row, before = heapq.heappop(heap)
            shown, covered = self._shown.get(at, set()), around.setdefault(at, set())
            if row in covered:
                continue
            if before != taken[at]:
                heapq.heappush(heap, (score * fade ** (taken[at] - before), at, row, taken[at]))
                continue
            new = [number for number in self._window(at, row, near) if number not in self._seen.get(at, ())]
            # No line takes less than a token; counting the tokens of many windows that cannot fit takes long.
            if not new or len(new) >= self._left:
                covered.add(row)
                continue
            lines = self._places[at].lines
            cost = sum(_cost(number, lines[number - 1]) for number in new) + _WINDOW + (0 if shown else _FRAME)
            if cost <= self._left:
                self._left -= cost
                taken[at] += 1
                covered.update(range(row - near, row + near + 1))
                self._shown.setdefault(at, set()).update(new)

    def _window(self, at: int, row: int, near: int) -> list[int]:
        """The lines around a row that are not shown yet, including short gaps to lines that are."""
        shown, last = self._shown.get(at, set()), len(self._places[at].lines)
        low, high = max(1, row - near), min(last, row + near)
        if near > _FIRST_NEAR:
            low = next((low - step + 1 for step in range(1, _GAP + 1) if low - step in shown), low)
            high = next((high + step - 1 for step in range(1, _GAP + 1) if high + step in shown), high)
            low, high = (1 if low <= _GAP else low), (last if high + _GAP >= last else high)
        return [number for number in range(low, high + 1) if number not in shown]


def _around(place: ScoredFile, row: int) -> float:
    """The score of a window; lines count less the farther they are from its middle."""
    rows = range(row - _NEAR, row + _NEAR + 1)
    return sum(place.scores.get(number, 0.0) * (1 - _FALL * abs(number - row)) for number in rows)


@text_cache(8_000_000, lambda number, line: len(line))
def _cost(number: int, line: str) -> int:
    return count(numbered_row(number, line) + "\n")


def numbered_row(number: int, line: str) -> str:
    # A number and a tab take one token and a fifth; the padding of aligned numbers takes two more on each line.
    return f"{number}\t{show_hidden(line[:_LONGEST])}{' [cut]' if len(line) > _LONGEST else ''}".rstrip()
