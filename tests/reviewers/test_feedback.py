"""People's decisions about findings: each counts once, and they make the track record of the seats."""

from hypothesis import given
from hypothesis import strategies as st

from reviewers.learning.feedback import (
    FindingSign,
    Record,
    Source,
    decisive,
    record_of,
    records,
    reliability,
    reliability_by_area,
)
from reviewers.learning.reliability import PRIOR, Outcomes


def sign(number: int, source: Source, right: bool, repository: int = 1, seat: str = "one") -> FindingSign:
    where = f"{repository}:{number}"
    return FindingSign(
        where=where, repository=repository, source=source, right=right, raised_by=(seat,), category="security", path="a/b.py"
    )


def test_an_explicit_decision_outweighs_indirect_signs() -> None:
    (held,) = decisive([sign(1, Source.CHANGED, True), sign(1, Source.DISMISSED, False), sign(1, Source.RESOLVED, True)])
    assert held.source is Source.DISMISSED
    (record,) = records([sign(1, Source.CHANGED, True), sign(1, Source.DISMISSED, False)], 1)
    assert record.here == Outcomes(right=0, wrong=1)


def test_a_long_record_here_outweighs_one_elsewhere() -> None:
    elsewhere = [sign(number, Source.DISMISSED, False, repository=2) for number in range(200)]
    here = [sign(number, Source.CHANGED, True) for number in range(60)]
    (stranger,), (both,) = records(elsewhere, 1), records([*elsewhere, *here], 1)
    assert reliability(stranger).mean < PRIOR.mean < 0.6 < reliability(both).mean
    assert reliability_by_area(both)["security/py"] != reliability(both)


@given(st.lists(st.booleans(), max_size=60))
def test_more_right_never_lowers_a_record(rights: list[bool]) -> None:
    signs = [sign(number, Source.CHANGED if right else Source.DISMISSED, right) for number, right in enumerate(rights)]
    before = records(signs, 1)
    after = records([*signs, sign(len(rights), Source.CHANGED, True)], 1)
    assert reliability(after[0]).mean > (reliability(before[0]).mean if before else PRIOR.mean)


def test_models_with_one_short_name_have_separate_records() -> None:
    """Each includes what was stored under the short name."""
    signs = [sign(number, Source.CHANGED, True, seat="openai/x") for number in range(5)]
    signs += [sign(number, Source.CHANGED, False, seat="azure/x") for number in range(5, 12)]
    signs += [sign(20, Source.CHANGED, True, seat="x"), sign(21, Source.CHANGED, True, seat="openai/y")]
    known = records(signs, 1)
    assert record_of(known, "openai/x").here == Outcomes(right=6, wrong=0)
    assert record_of(known, "azure/x").by_category == {"security": Outcomes(right=1, wrong=7)}
    assert record_of(known, "gemini/z") == Record(seat="gemini/z")
    assert record_of(known, "ruff") == Record(seat="ruff")
