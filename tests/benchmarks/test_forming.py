"""Single-seat findings are ordered by their seat's record and by their form; the number of recommended ones stays."""

from pathlib import Path

import pytest

from benchmarks import singles
from benchmarks.fitting.forming import order_quality
from benchmarks.options import Options
from reviewers.council.finding_form import FormModel, form_features
from reviewers.council.learned_models import shipped_models
from reviewers.council.ranking import RANKERS, RankingContext, Rules
from reviewers.learning.reliability import Reliability
from reviewers.values.finding import Category, Finding, Location, Severity
from reviewers.values.verdict import Proposal, RankedFinding, SeatFacts
from tests.reviewers.evals.rows import ranged, rows, text

GOOD, POOR = Reliability(right=18, wrong=4), Reliability(right=4, wrong=18)


def _finding(seat: str, title: str, lines: int = 1, line: int | None = 20, suggestion: str | None = None) -> Finding:
    start = line - lines + 1 if line and lines > 1 else None
    return Finding(
        seat=seat,
        title=title,
        body="",
        severity=Severity.MEDIUM,
        category=Category.CORRECTNESS,
        location=Location(path="a.py", line=line, start_line=start),
        quote="",
        suggestion=suggestion,
    )


def _rank(*findings: Finding, forms: FormModel | None = None, **narrow: Reliability) -> tuple[RankedFinding, ...]:
    sittings = tuple(
        SeatFacts(seat=seat, vendor=seat, findings=2, narrow={"correctness/py": narrow[seat]} if seat in narrow else {}) for seat in "abcd"
    )
    proposals = [Proposal(id=finding.title, finding=finding, supporters=(finding.seat,)) for finding in findings]
    rules = Rules(forms=shipped_models().forms if forms is None else forms)
    return RANKERS["learned"](proposals, {}, RankingContext(sittings=sittings, rules=rules))


def _titles(ranked: tuple[RankedFinding, ...]) -> list[str]:
    return [each.finding.title for each in ranked]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        (_finding("b", "many lines", lines=8), _finding("a", "a line")),
        (_finding("b", "with code", suggestion="x = 1"), _finding("a", "without")),
    ],
)
def test_the_form_puts_single_findings_in_order(better: Finding, worse: Finding) -> None:
    assert _titles(_rank(worse, better)) == [better.title, worse.title]
    assert _titles(_rank(better, worse)) == [better.title, worse.title]


def test_a_record_on_this_kind_of_defect_comes_before_form() -> None:
    known, long = _finding("b", "known there"), _finding("a", "long", lines=8)
    assert _titles(_rank(known, long, b=GOOD, a=POOR)) == ["known there", "long"]
    assert _titles(_rank(known, long, b=POOR, a=GOOD)) == ["long", "known there"]


def test_ordering_keeps_the_set_of_scores() -> None:
    """As many findings are recommended as before."""
    findings = [_finding("a", "one"), _finding("b", "two", lines=9, suggestion="x"), _finding("c", "three", lines=3)]
    plain, ordered = _rank(*findings, forms=FormModel(), b=GOOD), _rank(*findings, b=GOOD)
    scores = [sorted(each.score or 0 for each in ranked) for ranked in (plain, ordered)]
    assert scores[0] == pytest.approx(scores[1], abs=1e-3)
    assert sorted(each.standing for each in plain) == sorted(each.standing for each in ordered)


def test_a_finding_about_a_whole_file_keeps_its_score() -> None:
    whole, others = _finding("a", "whole file", line=None), [_finding("b", "two", lines=9), _finding("c", "three")]
    scores = [{each.finding.title: each.score for each in _rank(whole, *others, forms=forms)} for forms in (FormModel(), None)]
    assert scores[0]["whole file"] == scores[1]["whole file"]


def test_the_form_of_a_finding_is_its_lines_and_its_code() -> None:
    assert form_features(_finding("a", "x")) == (0.0, 0.0)
    assert form_features(_finding("a", "x", line=None)) == (0.0, 0.0)
    lines, code = form_features(_finding("a", "x", lines=8, suggestion="y"))
    assert (round(lines, 3), code) == (2.079, 1.0)


def test_the_shipped_model_names_the_data_of_its_fit() -> None:
    assert shipped_models().forms.record > 0
    assert "aacr-bench" in shipped_models().formed and "Apache-2.0" in shipped_models().formed


def test_order_quality_counts_pairs_within_a_pull_request() -> None:
    one, two = ("people", "o/r#1"), ("people", "o/r#2")
    assert order_quality([(one, 0.9, True), (one, 0.1, False), (two, 0.2, True)]) == (1.0, 1)
    assert order_quality([(one, 0.1, True), (one, 0.9, False), (one, 0.1, False)]) == (0.25, 2)


def test_the_benchmark_detects_an_existing_order(tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(text(ranged(rows())), encoding="utf-8")
    measured = singles.run(Options(data=str(file), small=True))
    assert measured["auc"] == pytest.approx(1.0, abs=0.1)
    file.write_text(text(ranged(rows(), right_lines=1)), encoding="utf-8")
    assert float(str(singles.run(Options(data=str(file), small=True))["auc"])) < 0.8
