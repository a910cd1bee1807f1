"""How many independent voices an agreement is worth."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.learning.feedback import FindingSign, Source, records, shared_errors
from reviewers.learning.independence import Kinship, SharedErrors, Speaker

KINSHIP = Kinship()


def speaker(seat: str, vendor: str = "", **errors: tuple[int, int]) -> Speaker:
    return Speaker(seat, vendor or seat, {name: SharedErrors(together=both, seen=seen) for name, (both, seen) in errors.items()})


def sign(number: int, right: bool, raised: str, confirmed: str = "", rejected: str = "") -> FindingSign:
    sides = {name: tuple(text.split()) for name, text in (("raised_by", raised), ("confirmed_by", confirmed), ("rejected_by", rejected))}
    return FindingSign(where=str(number), repository=1, source=Source.DISMISSED, right=right, **sides)


def test_the_prior_by_vendor() -> None:
    """A second seat of a vendor counts .4, one of another vendor 1."""
    assert KINSHIP.share(speaker("b", "x"), [speaker("a", "x")]) == pytest.approx(0.4)
    assert KINSHIP.share(speaker("b", "y"), [speaker("a", "x")]) == KINSHIP.share(speaker("b"), []) == 1.0


def test_nine_strangers_are_about_two_voices() -> None:
    assert KINSHIP.effective([speaker(str(number)) for number in range(9)]) == pytest.approx(2.0, abs=0.05)


def test_records_outweigh_the_vendor() -> None:
    twins = [speaker("a", "x", b=(90, 100)), speaker("b", "y", a=(90, 100))]
    strangers = [speaker("a", "x", b=(5, 100)), speaker("b", "x", a=(5, 100))]
    assert KINSHIP.effective(twins) < KINSHIP.effective(strangers)
    assert KINSHIP.share(twins[1], twins[:1]) < 0.4 < KINSHIP.share(strangers[1], strangers[:1])


def test_only_errors_teach_dependence() -> None:
    signs = [sign(1, True, "a b"), sign(2, False, "a", "b", "c"), sign(3, False, "a", "", "b"), sign(4, False, "a")]
    assert shared_errors(signs)["a"] == {"b": SharedErrors(together=1, seen=2), "c": SharedErrors(together=0, seen=1)}
    assert shared_errors(signs)["b"]["a"] == SharedErrors(together=1, seen=2)
    known = {record.seat: record for record in records(signs, 1)}
    assert known["a"].errors["b"].seen == 2 and known["c"].everywhere.n == 0


@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=8))
def test_voices_are_between_one_and_their_number(seats: list[tuple[str, int, int]]) -> None:
    speakers = [
        Speaker(str(at), vendor, {str(other): SharedErrors(together=min(both, seen), seen=seen) for other in range(len(seats))})
        for at, (vendor, both, seen) in enumerate(seats)
    ]
    assert 1.0 - 1e-9 <= KINSHIP.effective(speakers) <= len(speakers) + 1e-9
    assert all(0.0 <= KINSHIP.share(one, speakers[:at]) <= 1.0 for at, one in enumerate(speakers))
