"""Change here which lines fit into a token budget: best first, until one does not fit or no line is worth its tokens."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from reviewers.context.ci_log.clipping import clip
from reviewers.context.ci_log.lines import LogLines
from reviewers.context.tokens import count

GAP = "…"
# The sum of the parts slightly exceeds the whole, because line ends merge with the text before them.
_MARGIN = 1.1
# The tokens of a mark between two blocks.
_GAP_TOKENS = 2


class ShownLines(NamedTuple):
    """Selected lines in order, counted from 0, with their text as shown; `complete` if all useful lines are among them."""

    texts: Mapping[int, str]
    tokens: int
    complete: bool


# How strongly lines look like the cause.
Lead = Callable[[Iterable[int]], float]


class Ranking:
    """Lines by worth, and their token costs. The order is independent of the budget: a larger budget shows all that a smaller one shows."""

    def __init__(self, lines: LogLines, values: Mapping[int, float], lead: Lead, most: int) -> None:
        """`most` is the largest budget that will be requested."""
        self._lead = lead
        self._ranked = sorted(values, key=lambda line: (-values[line], line))
        self._texts: dict[int, str] = {}
        self._costs: list[int] = []
        cost = 0
        for line in self._ranked:
            text = clip(lines.text(line))
            before, after = line - 1 in self._texts, line + 1 in self._texts
            cost += count(text) + 1 + (_GAP_TOKENS if not before and not after else -_GAP_TOKENS if before and after else 0)
            if cost > _MARGIN * most + 50 and self._costs:
                break
            self._texts[line] = text
            self._costs.append(cost)

    @property
    def tokens(self) -> int:
        """The approximate tokens of all useful lines, at most slightly more than the largest budget."""
        return self._costs[-1] if self._costs else 0

    def take(self, budget: int) -> ShownLines:
        """As many of the first lines as fit; the first one is cut if it alone does not fit."""
        size = next((number for number, cost in enumerate(self._costs) if cost > budget), len(self._costs))
        # The tokenizer decides. Add one line at a time; otherwise a larger budget could end before lines that a smaller one shows.
        while size and count(self._render(size)) > budget:
            size -= 1
        while size < len(self._costs) and count(self._render(size + 1)) <= budget:
            size += 1
        if size:
            return ShownLines(self._shown(size), count(self._render(size)), size == len(self._ranked))
        return self._cut(budget)

    def _shown(self, size: int) -> dict[int, str]:
        return {line: self._texts[line] for line in sorted(self._ranked[:size])}

    def _render(self, size: int) -> str:
        return render(self._shown(size), self._lead)

    def _cut(self, budget: int) -> ShownLines:
        if not self._ranked:
            return ShownLines({}, 0, complete=True)
        line = self._ranked[0]
        text = self._texts[line]
        while text and (tokens := count(text + GAP)) > budget:
            text = text[: len(text) // 2].rstrip()
        return ShownLines({line: text + GAP}, tokens, complete=False) if text else ShownLines({}, 0, complete=False)


def runs(chosen: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Selected lines as runs of consecutive lines."""
    found: list[list[int]] = []
    for line in chosen:
        if found and line == found[-1][-1] + 1:
            found[-1].append(line)
        else:
            found.append([line])
    return tuple(tuple(run) for run in found)


def arrange_runs(texts: Mapping[int, str], lead: Lead) -> list[tuple[int, ...]]:
    """The runs of lines in output order: the cause first, then the others in log order."""
    found = list(runs(tuple(sorted(texts))))
    if found:
        found.insert(0, found.pop(max(range(len(found)), key=lambda at: (lead(found[at]), -at))))
    return found


def render(texts: Mapping[int, str], lead: Lead) -> str:
    """The texts by line in output order."""
    return f"\n{GAP}\n".join("\n".join(texts[line] for line in run) for run in arrange_runs(texts, lead))
