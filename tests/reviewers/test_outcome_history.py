"""Past outcomes become a calibration table; the repository's own takes precedence over its installation's."""

from reviewers.council.calibration import ENOUGH, calibrate
from reviewers.learning.feedback import FindingSign, Source, reliability
from reviewers.learning.outcome_history import read_history
from reviewers.learning.reliability import PRIOR


def sign(number: int, right: bool, score: float | None, repository: int = 1) -> FindingSign:
    where = f"{repository}:{number}"
    by = {"raised_by": ("openai/a",), "confirmed_by": ("gemini/b",)}
    return FindingSign(where=where, repository=repository, source=Source.THUMBS, right=right, score=score, **by)


def few(right: int, count: int, repository: int = 1) -> list[FindingSign]:
    return [sign(number, number < right, 0.8, repository) for number in range(count)]


def test_a_table_needs_enough_outcomes_that_have_a_score() -> None:
    one_short = [*few(30, ENOUGH - 1), *(sign(100 + number, True, None) for number in range(200))]
    assert read_history(one_short, 1).table is None
    table = read_history([*one_short, sign(99, True, 0.8)], 1).table
    assert table is not None and table.n == ENOUGH


def test_a_finding_with_several_signs_counts_once() -> None:
    twice = [*few(30, 30), *(each.model_copy(update={"source": Source.CHANGED}) for each in few(30, 30))]
    assert read_history(twice, 1).table is None


def test_a_repository_with_enough_outcomes_has_its_own_table() -> None:
    elsewhere = few(5, 100, repository=2)
    table = read_history([*few(54, 60), *elsewhere], 1).table
    assert calibrate(0.8, table) == (55 / 62, True)
    borrowed = read_history([*few(9, 10), *elsewhere], 1).table
    assert borrowed is not None and borrowed.n == 110
    assert calibrate(0.8, borrowed)[0] < 0.2


def test_a_similar_council_gets_the_share_that_was_right() -> None:
    history = read_history(few(54, 60), 1)
    assert history.table is not None
    # The other seat raised nothing, so its reliability is unknown.
    (record,) = (each for each in history.records if each.here.n)
    same = reliability(record).odds(PRIOR)
    assert same > 0
    assert abs(calibrate(0.8, history.table, same)[0] - 55 / 62) < 1e-4
