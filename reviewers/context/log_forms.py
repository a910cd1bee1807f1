"""Change here which lines of a failing check's log remain when the prompt has no room for all of them."""

from collections.abc import Iterator, Sequence

from reviewers.context.ci_log.selection import GAP
from reviewers.context.snapshot import FailingCheck

_SHARES = (0.6, 0.35, 0.2)
_LAST_LINES, _LAST_WIDTH = 3, 120


def shorter_logs(check: FailingCheck) -> Iterator[tuple[str, ...]]:
    """Shorter and shorter forms: the lines nearest to the excerpt for people, then the excerpt, then three of its lines, clipped."""
    if not check.lines:
        return
    telling = frozenset(check.excerpt) - {GAP, ""}
    marks = [number for number, line in enumerate(check.lines) if line in telling] or [len(check.lines) - 1]
    distances = _distances(len(check.lines), marks)
    for share in _SHARES:
        keep = sorted(sorted(range(len(check.lines)), key=distances.__getitem__)[: max(1, int(len(check.lines) * share))])
        if len(keep) > len(marks):
            yield _with_gaps(check.lines, keep)
    excerpt = check.excerpt or tuple(check.lines[number] for number in marks)
    yield excerpt
    yield tuple(line[:_LAST_WIDTH] for line in [line for line in excerpt if line not in (GAP, "")][-_LAST_LINES:])


def _distances(size: int, marks: Sequence[int]) -> list[int]:
    """The distance of each of `size` lines to the nearest marked one; marked lines are in ascending order."""
    distances, marked = [size] * size, frozenset(marks)
    for order in (range(size), range(size - 1, -1, -1)):
        latest: int | None = None
        for number in order:
            latest = number if number in marked else latest
            if latest is not None:
                distances[number] = min(distances[number], abs(number - latest))
    return distances


def _with_gaps(lines: Sequence[str], keep: Sequence[int]) -> tuple[str, ...]:
    rows: list[str] = []
    for at, number in enumerate(keep):
        if at and number != keep[at - 1] + 1 and rows[-1] != GAP:
            rows.append(GAP)
        rows.append(lines[number])
    return tuple(rows)
