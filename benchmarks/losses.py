"""Measures how many accepted issues a merge hides behind another finding when findings have lines, on judged comments.

`--data` names alibaba/aacr-bench's `dataset/positive_samples.json` (or recorded reviews with lines); the shipped pair model, which
was fitted on other data, merges them. `left_out` has the place rules fitted on the other repositories of the file.
The rule that only prose counts at one place, and its number of words, were chosen on the whole file, so both figures are slightly
optimistic.
"""

from pathlib import Path

from benchmarks.bars import Bar, Count, at_most, judged, skipped
from benchmarks.fitting.placing import CHOICES, Losses, count_losses, fit_places, sum_losses
from benchmarks.options import Options, progress
from benchmarks.recordings import NO_DATA, load
from reviewers.council.learned_models import shipped_models
from reviewers.council.location_similarity import PlaceRules
from reviewers.evals.recorded import RecordedReview, repositories


def run(options: Options) -> dict[str, object]:
    """`issues_lost` is the share of accepted issues whose own text no proposal shows, `different_merged` that of pairs joined."""
    if not options.data:
        return skipped(NO_DATA)
    if not Path(options.data).is_file():
        raise SystemExit(f"no such file: {options.data}")
    rows = [row for row in load(options.data) if any(comment.line for comment in row.comments)]
    rows = rows[:20] if options.small else rows
    pairs = shipped_models().pairs
    now = sum_losses([count_losses(row, pairs, PlaceRules()) for row in rows])
    apart, chosen = _left_out(rows, {places: [count_losses(row, pairs, places) for row in rows] for places in CHOICES})
    counts = (
        Count("pull_requests", len(rows), 50, small=3, asked=True),
        Count("issues", now.issues, 500, small=5, asked=True),
        Count("repositories", len(repositories(rows)), 10, small=2, asked=True),
    )
    bars = (
        Bar("issues_lost", now.issues_lost, at_most(0.05, small=0.1), counts),
        Bar("different_merged", now.different_merged, at_most(0.015, small=0.05), counts),
        Bar("left_out_issues_lost", apart.issues_lost, at_most(0.05, small=0.1), counts),
        Bar("left_out_different_merged", apart.different_merged, at_most(0.015, small=0.05), counts),
    )
    keys: dict[str, object] = {bar.name: round(bar.measured or 0.0, 4) for bar in bars}
    return judged(options, {**keys, "same_kind_by_folds": chosen}, bars)


def _left_out(rows: list[RecordedReview], losses: dict[PlaceRules, list[Losses]]) -> tuple[Losses, dict[str, int]]:
    """The losses on each repository with the rules fitted on the others, and how often each set of rules was chosen."""
    total, chosen = [], dict[str, int]()
    for name in repositories(rows):
        others = [at for at, row in enumerate(rows) if row.repo != name]
        places = fit_places({rules: [counted[at] for at in others] for rules, counted in losses.items()})
        key = f"{places.same_kind:g} / {places.overlapping:g}"
        chosen[key] = chosen.get(key, 0) + 1
        total += [counted for counted, row in zip(losses[places], rows, strict=True) if row.repo == name]
    progress(f"left out {len(repositories(rows))} repositories, one after the other")
    return sum_losses(total), chosen
