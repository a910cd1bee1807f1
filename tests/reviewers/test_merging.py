"""One proposal per defect, in any order of the findings."""

import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.council.fingerprint import distinct_fingerprints, fingerprint, short_ids
from reviewers.council.location_similarity import PlaceRules, location_shifts
from reviewers.council.merging import _joined, merge, pool
from reviewers.values.finding import Category, Finding, Location, Severity
from reviewers.values.verdict import Critique, Outcome, Proposal


def found(seat: str, title: str, line: int | None = 10, path: str | None = "a.py", **more: object) -> Finding:
    given = {
        "seat": seat,
        "title": title,
        "body": "",
        "severity": Severity.HIGH,
        "category": Category.CORRECTNESS,
        "location": Location(path=path, line=line),
        "quote": f"code at {line}",
    }
    return Finding.model_validate(given | more)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        (found("a", "The request has no timeout"), found("b", "Missing timeout on the HTTP request"), True),
        (found("a", "The request has no timeout"), found("b", "The request has no timeout", line=12), True),
        (found("a", "The request has no timeout"), found("b", "The token is logged in plain text"), False),
        (found("a", "The request has no timeout"), found("b", "The request has no timeout", path="b.py"), False),
        (found("a", "The request has no timeout", line=None), found("b", "No timeout on the request", line=90), True),
        (found("a", "Division by zero when the list is empty"), found("b", "Empty list leads to ZeroDivisionError", line=11), True),
        (found("a", "Division by zero when rows is empty", line=10), found("b", "Division by zero when cols is empty", line=60), False),
        (
            found("a", "The request has no timeout", path=None, line=None),
            found("b", "The request has no timeout", path=None, line=None),
            True,
        ),
        (found("a", "The request has no timeout", symbol="f"), found("b", "Missing timeout on the request", line=40, symbol="f"), True),
        (found("a", "The request has no timeout", symbol="f"), found("b", "Missing timeout on the request", line=40, symbol="g"), False),
        (found("a", "The lock is never released"), found("a", "The lock is not held while reading"), False),
    ],
)
def test_place_and_text_decide(one: Finding, two: Finding, same: bool) -> None:
    assert (len(merge([one, two])) == 1) == same


_QUOTED = "The code is `client = HttpClient(base_url, retries=settings.retries, token=session.token, verify=False)` here."


def test_two_points_about_one_line_of_code_stay_two() -> None:
    """Both quote the line, so their words would be alike."""
    points = ("The token is logged in plain text", "The certificate of the server is not checked")
    assert len(merge([found(seat, point, body=f"{_QUOTED} {point}.") for seat, point in zip("ab", points, strict=True)])) == 2


@pytest.mark.parametrize("other", [{"context": True}, {"line": None}])
def test_a_wording_with_a_line_of_the_change_leads(other: dict[str, object]) -> None:
    """Even if another one is longer."""
    long = "Without one the worker waits for ever once the server no longer answers, so give the call five seconds and try it again once."
    more = found("b", "The request has no timeout", **{"severity": Severity.CRITICAL, "body": long, "quote": "code at 10", **other})  # type: ignore[arg-type]
    (merged,) = merge([found("a", "The request has no timeout"), more])
    assert merged.finding.seat == "a"


def test_one_seat_rarely_says_one_thing_twice() -> None:
    rules = PlaceRules()
    odds = location_shifts([found("a", "One"), found("a", "Two"), found("b", "Three")], rules)
    assert odds[0, 1] == pytest.approx(odds[0, 2] + rules.one_seat) and rules.one_seat < 0


def test_findings_joined_by_critics_keep_their_proof() -> None:
    lead = Proposal(id="p", finding=found("a", "One"), supporters=("a", "b"))
    joined = _joined("p", [lead, Proposal(id="q", finding=found("c", "Two"), supporters=("c",), proven="unit tests", repeats="lint")])
    assert (joined.finding, joined.proven, joined.repeats, joined.supporters) == (lead.finding, "unit tests", "lint", ("a", "b", "c"))


TITLES = [
    "The request has no timeout",
    "No timeout on the request",
    "Token is logged",
    "The token gets logged",
    "Lock is not held",
    "Race on the cache",
]
FINDING = st.builds(
    found,
    seat=st.sampled_from("abcd"),
    title=st.sampled_from(TITLES),
    line=st.sampled_from([None, 3, 4, 10, 11, 40]),
    path=st.sampled_from(["a.py", "b.py", None]),
    severity=st.sampled_from(list(Severity)),
)


@settings(max_examples=80, deadline=None)
@given(st.lists(FINDING, max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_seats_and_findings_does_not_matter(findings: list[Finding], dice: random.Random) -> None:
    shuffled = list(findings)
    dice.shuffle(shuffled)
    proposals = merge(findings)
    assert merge(shuffled) == proposals
    assert len({proposal.id for proposal in proposals}) == len(proposals)
    assert {seat for proposal in proposals for seat in proposal.supporters} == {finding.seat for finding in findings}
    assert all(proposal.finding in findings for proposal in proposals)


def test_one_critic_alone_joins_nothing_and_two_do() -> None:
    proposals = merge([found("a", "The request has no timeout"), found("b", "Callers hang", line=80)])
    pair = (proposals[0].id, proposals[1].id)
    critics = [Critique(seat=name, outcome=Outcome.ANSWERED, same=(pair,)) for name in "cd"]
    assert len(pool(proposals, critics[:1])[0]) == 2
    joined, renamed = pool(proposals, critics)
    assert [proposal.supporters for proposal in joined] == [("a", "b")]
    assert set(renamed.values()) == {joined[0].id}


def test_a_fingerprint_depends_on_place_and_category_only() -> None:
    one = found("a", "Wrong", quote="if  a:\n    b()")
    assert fingerprint(one) == fingerprint(found("b", "Quite wrong", line=99, quote="if a:\n b()  "))
    assert fingerprint(one) != fingerprint(found("a", "Wrong", quote="if  a:\n    b()", symbol="f"))
    twins = [one, found("b", "Other words", quote=one.quote), one.model_copy(update={"title": "A third"})]
    prints = distinct_fingerprints(twins)
    assert len(set(prints)) == 3
    assert distinct_fingerprints(twins[::-1]) == prints[::-1]


@given(st.lists(st.integers(0, 2000).map(lambda number: f"{number:064x}"[::-1]), max_size=12))
def test_short_ids_are_unique_prefixes_of_at_least_four_digits(prints: list[str]) -> None:
    short = short_ids(prints)
    assert len(set(short)) == len(set(prints))
    assert all(full.startswith(each) and re.fullmatch("[0-9a-f]{4,}", each) for full, each in zip(prints, short, strict=True))
