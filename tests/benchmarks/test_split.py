"""No tested row is part of a fit, and the benchmarks run on any file of the format."""

from pathlib import Path

import pytest

from benchmarks import calibration, cluster, consensus, council4, quiet
from benchmarks.options import Options
from benchmarks.recordings import apart, folds, split
from reviewers.evals.recorded import read_rows
from tests.reviewers.evals.rows import rows, text


def test_folds_share_no_repository_and_files_no_pull_request(tmp_path: Path) -> None:
    given = rows()
    made = list(split(given))
    assert [fold.name for fold in made] == ["one", "three", "two"]
    for fold in made:
        assert {row.repo for row in fold.test} == {fold.name}
        assert fold.name not in {row.repo for row in fold.train}
    assert sorted((row.pr, row.judge) for fold in made for row in fold.test) == sorted((row.pr, row.judge) for row in given)
    both = apart(given, given[:2])
    assert not {row.pr for row in both.train} & {row.pr for row in both.test}
    (tmp_path / "a").write_text(text(given), encoding="utf-8")
    (tmp_path / "b").write_text(text(rows(("four",))), encoding="utf-8")
    fold = folds(Options(train=str(tmp_path / "a"), test=str(tmp_path / "b")))[0]
    assert {row.repo for row in fold.test} == {"four"}
    with pytest.raises(SystemExit):
        folds(Options(train="x"))


@pytest.mark.parametrize("name", [consensus, *(pytest.param(each, marks=pytest.mark.slow) for each in (council4, cluster, calibration))])
def test_a_small_form_runs_on_other_data(name, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    data, out = tmp_path / "rows.jsonl", tmp_path / "posted.jsonl"
    data.write_text(text(rows()), encoding="utf-8")
    measured = name.run(Options(small=True, n=3, data=str(data), posted=str(out) if name is consensus else ""))
    assert measured["failed"] == []
    assert "missing" not in measured
    if name is consensus:
        assert set(measured["f1"]) == {"kind", "strict"}
        said = read_rows(text(rows()).split("\n"))
        known = {(row.judge, row.pr): {(comment.tool, comment.text) for comment in row.comments} for row in said}
        import json

        for line in out.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            assert {(each["tool"], each["text"]) for each in row["posted"]} <= known[row["judge"], row["pr"]]


def test_without_data_nothing_is_claimed(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        folds(Options(data=str(tmp_path / "none.jsonl")))


@pytest.mark.slow
def test_the_small_form_of_quiet() -> None:
    measured = quiet.run(Options(small=True))
    assert measured["false_claims"]
    assert float(str(measured["inline_per_review"])) < 0.5
