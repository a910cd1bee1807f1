"""The tables of sabotages are correct: each applies to the current code, and names existing tests."""

import marshal
from collections import Counter

import pytest

from tests.mutants.mutant import ROOT, Mutant, apply
from tests.mutants.tables import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_sabotage_applies_and_names_existing_tests(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text(encoding="utf-8")
    changed = apply(mutant, source)
    assert changed is not None, f"{mutant.where} does not hold this exactly once: {mutant.find}"
    assert _code(changed) != _code(source), "it changes nothing"
    assert mutant.tests
    for tests in mutant.tests:
        assert (ROOT / tests.split()[0].partition("::")[0]).exists(), tests


def _code(source: str) -> bytes:
    """Compiled: parsing in two threads at once fails in Python 3.11, https://github.com/python/cpython/issues/106905."""
    return marshal.dumps(compile(source, "sabotaged", "exec"))


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(mutant.name for mutant in MUTANTS).items() if count > 1] == []


@pytest.mark.parametrize(("find", "replace"), [("nowhere", "x"), ("1", "2"), ("return", "retrun")])
def test_a_sabotage_that_does_not_fit_is_not_applied(find: str, replace: str) -> None:
    source = "def one() -> int:\n    return 1 + 1\n\n\ndef two() -> int:\n    return 7\n"
    assert apply(Mutant("p", "a.py:one", find, replace, ("tests",)), source) is None
    assert apply(Mutant("p", "a.py:three", "7", "8", ("tests",)), source) is None
    assert apply(Mutant("p", "a.py:two", "7", "8", ("tests",)), source) == source.replace("7", "8")
