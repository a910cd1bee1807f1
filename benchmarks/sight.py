"""Measures hidden co-change: given one file of a real commit, are its other changed lines in the related code, or found by looks?"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import mean

from benchmarks.bars import Bar, Count, above, at_least, judged, skipped
from benchmarks.co_change import Case, Lines, co_changes
from benchmarks.co_change_fixes import FixCase, fixes
from benchmarks.history import History
from benchmarks.offline import no_sockets
from benchmarks.options import Options, progress
from benchmarks.sight_baselines import by_bm25, by_identifiers
from reviewers.context.diff_index import index as read_diff
from reviewers.context.repository.answering import answer_look, paths_needed
from reviewers.context.repository.related import TOKENS, RelatedSearch
from reviewers.context.snapshot import ChangedFile, RelatedCode
from reviewers.context.tokens import count

BUDGETS = (2_000, 6_000)
# As much as a review chooses, then six looks.
FIRST, LOOKS, REACH = TOKENS, 6, 8_000
CASES, SMALL_CASES = 60, 6
_ROW = re.compile(r"^(\d+)(?:\t|$)")
Places = set[tuple[str, int]]


def run(options: Options) -> dict[str, object]:
    if reason := History(options.repo).missing:
        return skipped(reason)
    with no_sockets():
        return _run(options)


@dataclass
class Measured:
    """The counts, a row per case; the recalls by their budget."""

    recall: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float | None) -> None:
        if value is not None:
            self.recall.setdefault(name, []).append(value)

    def mean(self, name: str) -> float:
        return round(mean(self.recall.get(name) or [0.0]), 3)

    def count(self, name: str) -> int:
        return len(self.recall.get(name, ()))


def _run(options: Options) -> dict[str, object]:
    budgets = (options.budget,) if options.budget else BUDGETS
    history, seen = History(options.repo), Measured()
    most = options.n or (SMALL_CASES if options.small else CASES)
    for number, case in enumerate(co_changes(history, options.commits, most)):
        _measure(case, budgets, seen)
        if number % 10 == 9:
            progress(f"{number + 1} cases, recall {seen.mean(f'line_recall_{budgets[-1]}')} at {budgets[-1]}")
    for case in fixes(history, options.commits or (300 if options.small else 3_000), most // 2):
        seen.add("fixes_recall", _fix_recall(case, budgets[-1]))
    last = budgets[-1]
    measured: dict[str, object] = {
        "cases": seen.count("reach"),
        "line_recall": seen.mean(f"line_recall_{last}"),
        "file_recall": seen.mean(f"file_recall_{last}"),
        "mrr": seen.mean("mrr"),
        "tokens": round(seen.mean(f"tokens_{last}")),
        "reach": seen.mean("reach"),
        "oracle": seen.mean(f"oracle_{last}"),
        "unlinked_recall": seen.mean("unlinked_recall"),
        "fixes_cases": seen.count("fixes_recall"),
        "fixes_recall": seen.mean("fixes_recall"),
        "baseline_identifiers": seen.mean(f"identifiers_{last}"),
        "baseline_bm25": seen.mean(f"bm25_{last}"),
        "by_budget": {
            budget: {
                name: seen.mean(f"{name}_{budget}") for name in ("line_recall", "file_recall", "tokens", "oracle", "identifiers", "bm25")
            }
            for budget in budgets
        },
    }
    return judged(options, measured, list(_bars(seen, budgets)))


def _bars(seen: Measured, budgets: Sequence[int]) -> Iterable[Bar]:
    cases = (Count("cases", seen.count("reach"), 40, small=3, asked=True),)
    for budget in budgets:
        if budget in BUDGETS:
            oracle, wanted = seen.mean(f"oracle_{budget}"), 0.65 if budget == BUDGETS[0] else 0.80
            # A commit may change more lines than the budget can hold.
            bound = wanted if oracle >= 0.90 else 0.72 * oracle
            yield Bar(f"line_recall_{budget}", seen.mean(f"line_recall_{budget}"), at_least(round(bound, 3), small=0.2), cases)
        best = max(seen.mean(f"identifiers_{budget}"), seen.mean(f"bm25_{budget}"))
        yield Bar(f"above_baselines_{budget}", seen.mean(f"line_recall_{budget}"), above(best, small=0.0), cases)
    yield Bar("reach", seen.mean("reach"), at_least(0.88, small=0.3), cases)


def _measure(case: Case, budgets: Sequence[int], seen: Measured) -> None:
    search = _search(case)
    texts = {path: case.texts[path] for path in search.paths}
    for budget in budgets:
        related = search.related(texts, budget)
        shown = places(related)
        seen.add(f"line_recall_{budget}", recall(shown, case.linked))
        files = [path for path in case.linked if any(path == shown_path for shown_path, _ in shown)]
        seen.add(f"file_recall_{budget}", len(files) / len(case.linked))
        seen.add(f"tokens_{budget}", sum(count(_rendered(block)) for block in related))
        seen.add(f"oracle_{budget}", _oracle(case, budget))
        for name, choose in (("identifiers", by_identifiers), ("bm25", by_bm25)):
            chosen = choose(case.given, case.diff, case.texts, budget)
            seen.add(f"{name}_{budget}", recall({(path, row) for path, a, b in chosen for row in range(a, b + 1)}, case.linked))
        if budget == budgets[-1]:
            ranks = [rank for rank, block in enumerate(related, 1) if block.path in case.linked]
            seen.add("mrr", 1 / ranks[0] if ranks else 0.0)
            seen.add("unlinked_recall", recall(shown, case.unlinked) if case.unlinked else None)
    seen.add("reach", recall(_reached(case, search, texts), case.linked))


def _reached(case: Case, search: RelatedSearch, texts: dict[str, str]) -> Places:
    """The related code, then the results of looks at the most telling names of the diff, without repeated lines."""
    shown = places(search.related(texts, FIRST))
    left = REACH - FIRST
    for number, look in enumerate(search.suggest(LOOKS)):
        asked = look.model_copy(update={"seen": tuple(f"{path}:{row}" for path, row in sorted(shown))})
        paths = paths_needed(case.index, asked)
        answer = answer_look(case.index, asked, {path: case.texts[path] for path in paths}, left // (LOOKS - number))
        left -= count(answer.text)
        shown |= {(line.path, line.number) for line in answer.lines}
    return shown


def _search(case: Case) -> RelatedSearch:
    changes = read_diff(case.diff)
    files = [
        ChangedFile(path=file.path, status=file.status, patch=changes.patch(file), base=case.texts.get(file.path)) for file in changes.files
    ]
    return RelatedSearch(case.index, files)


def _fix_recall(case: FixCase, budget: int) -> float:
    search = RelatedSearch(case.index, case.files)
    return recall(places(search.related({path: case.texts[path] for path in search.paths}, budget)), case.truth)


def _rendered(block: RelatedCode) -> str:
    return f"{block.path}: {block.reason}\n{block.text}"


def places(related: Iterable[RelatedCode]) -> Places:
    """The lines that blocks show."""
    return {(block.path, int(match[1])) for block in related for row in block.text.split("\n") if (match := _ROW.match(row))}


def recall(shown: Places, truth: Lines) -> float:
    """The share of the lines that is shown."""
    wanted = [(path, row) for path, rows in truth.items() for row in rows]
    return sum(place in shown for place in wanted) / len(wanted) if wanted else 0.0


def _oracle(case: Case, budget: int) -> float:
    """The best share that the budget could hold: the truth alone, the cheapest lines first."""
    costs = sorted(count(case.texts[path].split("\n")[row - 1]) + 4 for path, rows in case.linked.items() for row in rows if row)
    left, held = budget - 25 * len(case.linked), 0
    for cost in costs:
        left -= cost
        held += left >= 0
    return held / max(1, len(costs))
