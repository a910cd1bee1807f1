"""Weights are tried on logs that they were not chosen on."""

from benchmarks.log_fits import FOLDS, TRIED, ScoredLog, best_weights, cross_validate, fold_of


def log(name: str, project: str, best: int) -> ScoredLog:
    """A log of which one choice of weights shows all, and any other half."""
    return ScoredLog(name, project, tuple(1.0 if at == best else 0.5 for at in range(len(TRIED))))


def test_the_gap_is_what_a_fit_gains_on_its_own_logs() -> None:
    found = cross_validate([*(log("a", f"p{n}", 1) for n in range(4)), *(log("b", f"q{n}", 1) for n in range(4)), log("c", "r", 2)])
    by_set = found["by_set"]
    assert isinstance(by_set, dict)
    assert by_set["c"] == {"shipped": 0.5, "fitted_on_others": 0.5, "fitted_on_them": 1.0, "gap": 0.5}
    # The two others disagree, and on a tie of two sets the shipped weights win.
    assert by_set["a"]["fitted_on_others"] in (0.5, 1.0)


def test_weights_that_are_best_everywhere_have_no_gap() -> None:
    found = cross_validate([log(name, f"{name}{n}", 3) for name in "abc" for n in range(20)])
    assert found["by_project"] == {"shipped": 0.5, "fitted_on_others": 1.0, "fitted_on_them": 1.0, "gap": 0.0}


def test_a_project_is_left_out_whole_and_all_folds_are_used() -> None:
    assert len({fold_of(f"owner/{n}") for n in range(200)}) == FOLDS
    # All logs of one project need the same weights, and no other project does: a fit on the others does not help it.
    logs = [log("a", f"p{fold}", fold + 1) for fold in range(5) for _ in range(3)]
    found = cross_validate(logs)["by_project"]
    assert isinstance(found, dict) and found["gap"] > 0


def test_the_shipped_weights_win_a_tie() -> None:
    assert best_weights([log("a", "p", 4), log("b", "q", 5)]) in (4, 5)
    assert best_weights([ScoredLog("a", "p", (0.5,) * len(TRIED))]) == 0
