"""Which lines fit into a budget of tokens: the worthiest first."""

from collections.abc import Mapping

from reviewers.context.ci_log.lines import Lines
from reviewers.context.tokens import count

CLIP = 240
GAP = "…"


def clipped(text: str) -> str:
    """A line as it is shown: long ones lose their end."""
    return text if len(text) <= CLIP else text[: CLIP - 1] + "…"


def select(lines: Lines, values: Mapping[int, float], budget: int, least: float = 0.0) -> tuple[tuple[int, ...], int]:
    """The chosen lines in order, and the exact tokens of their text, never more than the budget."""
    ranked = sorted((line for line, value in values.items() if value >= least), key=lambda line: (-values[line], line))
    chosen: set[int] = set()
    left = budget
    for line in ranked:
        cost = count(clipped(lines.text(line))) + 1
        if line - 1 not in chosen and line + 1 not in chosen:
            cost += 2
        if cost <= left:
            chosen.add(line)
            left -= cost
        elif left < 8:
            break
    # The sum of parts is nearly the whole; the last word has the tokenizer.
    worst = iter(sorted(chosen, key=lambda line: (values[line], -line)))
    while (tokens := count(render(lines, chosen))) > budget:
        for _ in range(max(1, (tokens - budget) // 20)):
            chosen.discard(next(worst))
    return tuple(sorted(chosen)), tokens


def runs(chosen: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Chosen lines as unbroken runs."""
    found: list[list[int]] = []
    for line in chosen:
        if found and line == found[-1][-1] + 1:
            found[-1].append(line)
        else:
            found.append([line])
    return tuple(tuple(run) for run in found)


def render(lines: Lines, chosen: set[int]) -> str:
    """The text that is emitted."""
    blocks = ("\n".join(clipped(lines.text(line)) for line in run) for run in runs(tuple(sorted(chosen))))
    return f"\n{GAP}\n".join(blocks)
