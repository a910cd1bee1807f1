"""Change here which lines fit into a budget of tokens: the worthiest first, until one does not fit or nothing more is worth its tokens."""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from reviewers.context.ci_log.clipping import clip
from reviewers.context.ci_log.lines import Lines
from reviewers.context.tokens import count

GAP = "…"
# The sum of parts is a little more than the whole, as line ends join what is before them.
_MARGIN = 1.1
# What a mark between two blocks costs.
_GAP_TOKENS = 2


class ShownLines(NamedTuple):
    """Chosen lines in order, counted from 0, with their text as it is shown; `complete` says that all lines of worth are among them."""

    texts: Mapping[int, str]
    tokens: int
    complete: bool


# How far lines are the cause.
Lead = Callable[[Iterable[int]], float]


class Ranking:
    """Lines by worth, and what showing them costs. The order knows no budget: what a smaller one shows, a larger one shows as well."""

    def __init__(self, lines: Lines, values: Mapping[int, float], lead: Lead, most: int) -> None:
        """`most` is the largest budget that will be asked for."""
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
        """About what all lines of worth cost, at most a little more than the largest budget."""
        return self._costs[-1] if self._costs else 0

    def take(self, budget: int) -> ShownLines:
        """As many of the first lines as fit; the first one is cut where it alone does not."""
        size = next((number for number, cost in enumerate(self._costs) if cost > budget), len(self._costs))
        # The last word has the tokenizer. One line at a time, or a larger budget could end before what a smaller one shows.
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
    """Chosen lines as unbroken runs."""
    found: list[list[int]] = []
    for line in chosen:
        if found and line == found[-1][-1] + 1:
            found[-1].append(line)
        else:
            found.append([line])
    return tuple(tuple(run) for run in found)


def arrange_runs(texts: Mapping[int, str], lead: Lead) -> list[tuple[int, ...]]:
    """The runs of lines as they are emitted: the one that is the cause, then the others in the order of the log."""
    found = list(runs(tuple(sorted(texts))))
    if found:
        found.insert(0, found.pop(max(range(len(found)), key=lambda at: (lead(found[at]), -at))))
    return found


def render(texts: Mapping[int, str], lead: Lead) -> str:
    """Texts by line as they are emitted."""
    return f"\n{GAP}\n".join("\n".join(texts[line] for line in run) for run in arrange_runs(texts, lead))
