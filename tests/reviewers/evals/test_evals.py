"""Recorded reviews: read, scored strictly, used for fits, and judged by the council's own functions."""

import random

import pytest

from benchmarks.fitting.logistic import fit_logistic
from benchmarks.fitting.training import TrainingPlan, records_of, train
from reviewers.evals.evaluation import evaluate
from reviewers.evals.judging import posted_comments, rank_row
from reviewers.evals.recorded import Golden, RecordedComment, RecordedReview, read_rows
from reviewers.evals.simulation import Setup, simulate
from reviewers.evals.strict import members, tally, total
from tests.reviewers.evals.rows import rows, text

ROWS = rows()


@pytest.fixture(scope="module")
def trained():  # type: ignore[no-untyped-def]
    return train(ROWS, TrainingPlan(seats=(0, 4), draws=2))


def test_a_file_is_read_and_a_bad_line_is_named() -> None:
    assert read_rows(text(ROWS).split("\n")) == ROWS
    with pytest.raises(ValueError, match="line 2: repo"):
        read_rows([ROWS[0].model_dump_json(), '{"judge": "x"}'])
    with pytest.raises(ValueError, match="no recorded review"):
        read_rows(["", "\n"])


def test_a_second_comment_on_an_issue_is_a_false_positive() -> None:
    one, two, wrong, null = (
        RecordedComment(tool="a", text="1", matches=("g1",)),
        RecordedComment(tool="b", text="2", matches=("g1", "g2")),
        RecordedComment(tool="c", text="3", matches=()),
        RecordedComment(tool="d", text="4", matches=None),
    )
    row = RecordedReview(
        judge="j", repo="r", pr="p", golden=(Golden(id="g1"), Golden(id="g2"), Golden(id="g3")), comments=(one, two, wrong, null)
    )
    assert tally(row, [one, one, two, wrong, null])[:4] == (2, 2, 5, 3)
    assert tally(row, [wrong, two])[4:] == (0, 2, 1)
    assert total([tally(row, [one]), tally(row, [])]).recall == 1 / 6
    assert total([]).f1 == 0
    assert members([row])["b"] == 2 * 1 * (2 / 3) / (1 + 2 / 3)


def test_posts_are_members_texts_and_beat_the_mean_member(trained) -> None:  # type: ignore[no-untyped-def]
    for row in ROWS:
        chosen = posted_comments(row, rank_row(row, trained.judgement))
        assert all(comment in row.comments for comment in chosen)
        assert len(set(chosen)) == len(chosen)
    alone = members(ROWS)
    assert total(tally(row, posted_comments(row, rank_row(row, trained.judgement))) for row in ROWS).f1 > sum(alone.values()) / len(alone)


def test_order_and_labels_do_not_change_the_posts(trained) -> None:  # type: ignore[no-untyped-def]
    dice = random.Random(1)
    for row in ROWS[:6]:
        shuffled = list(row.comments)
        dice.shuffle(shuffled)
        blind = tuple(comment.model_copy(update={"matches": ()}) for comment in shuffled)
        texts = [comment.text for comment in posted_comments(row, rank_row(row, trained.judgement))]
        other = row.model_copy(update={"comments": blind})
        assert [comment.text for comment in posted_comments(other, rank_row(other, trained.judgement))] == texts


def test_a_fit_does_not_depend_on_the_order_of_rows(trained) -> None:  # type: ignore[no-untyped-def]
    again = train(ROWS, TrainingPlan(seats=(0, 4), draws=2)).judgement
    assert again == trained.judgement


def test_records_separate_a_good_tool_from_a_poor_one() -> None:
    records = records_of(ROWS)
    assert records["keen"].mean > records["poor"].mean


def test_better_critics_are_worth_more(trained) -> None:  # type: ignore[no-untyped-def]
    scores = simulate(ROWS, trained.judgement, Setup(draws=3, accuracies=(0.3, 0.7, 1.0)))
    assert [score.accuracy for score in scores] == [None, 0.3, 0.7, 1.0]
    assert scores[1].f1 < scores[0].f1 < scores[3].f1
    assert scores[1].f1 < scores[2].f1 < scores[3].f1
    assert simulate(ROWS, trained.judgement, Setup(draws=3, accuracies=(0.3, 0.7, 1.0))) == scores


def test_an_evaluation_has_one_row_per_judge(trained) -> None:  # type: ignore[no-untyped-def]
    figures = evaluate(ROWS, trained.judgement)
    assert [figure.judge for figure in figures] == ["kind", "strict"]
    assert all(figure.best_single == "keen" for figure in figures)


def test_a_forbidden_sign_is_not_fitted() -> None:
    import numpy as np

    noise = np.random.default_rng(1).normal(size=(400, 2))
    labels = (noise[:, 0] - noise[:, 1] > 0).astype(float)
    free, held = fit_logistic(noise, labels, 1.0), fit_logistic(noise, labels, 1.0, rising=(1,))
    assert free.weights[0] > 0 > free.weights[1]
    assert held.weights[0] > 0 == held.weights[1]
