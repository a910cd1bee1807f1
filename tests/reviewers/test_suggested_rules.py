"""How many decisions suggest which rule for which folder, and what never suggests one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewers.learning.suggested_rules import MOST_SUGGESTED, DecidedFinding, list_folders, read_key, suggest_rules
from reviewers.values.finding import Category

STYLE, SECURITY = Category.STYLE, Category.SECURITY


def decided(folder: str, count: int, category: Category = STYLE, *, confirmed: bool = False, pulls: int = 3) -> list[DecidedFinding]:
    return [
        DecidedFinding(
            number=number % pulls,
            fingerprint=f"{folder}{category}{confirmed}{number}",
            category=category,
            path=f"{folder}/a.py".removeprefix("/"),
            confirmed=confirmed,
            at=number,
        )
        for number in range(count)
    ]


def three_kinds(folder: str, each: int) -> list[DecidedFinding]:
    return [finding for category in (STYLE, Category.DOCS, Category.TESTS) for finding in decided(folder, each, category)]


CASES = {
    "nothing": ([], []),
    "four are not enough": (decided("docs", 4), []),
    "five are enough": (decided("docs", 5), ["relax:style:docs"]),
    "two pull requests are not enough": (decided("docs", 9, pulls=2), []),
    "nine of ten agree": (decided("docs", 9) + decided("docs", 1, confirmed=True), ["relax:style:docs"]),
    "eight of ten agree": (decided("docs", 8) + decided("docs", 2, confirmed=True), []),
    "another kind does not count": (decided("docs", 4) + decided("docs", 4, Category.DOCS), []),
    "another kind does not count against it": (
        decided("docs", 5) + decided("docs", 3, Category.DOCS, confirmed=True),
        ["relax:style:docs"],
    ),
    "the deepest folder": (decided("src/gen", 5) + decided("src/app", 2), ["relax:style:src/gen"]),
    "the folder that holds enough": (decided("src/a", 3) + decided("src/b", 3), ["relax:style:src"]),
    "the whole repository": (decided("src", 3) + decided("lib", 3), ["relax:style:"]),
    "security is never relaxed": (decided("auth", 9, SECURITY), []),
    "confirmed findings are for authors": (decided("auth", 5, SECURITY, confirmed=True), ["watch:security:auth"]),
    "an exclusion of three kinds": (three_kinds("gen", 3), ["exclude::gen"]),
    "an exclusion takes eight": (three_kinds("gen", 2), []),
    "an exclusion takes three kinds": (decided("gen", 9), ["relax:style:gen"]),
    "one confirmed finding prevents an exclusion": (three_kinds("gen", 3) + decided("gen", 1, SECURITY, confirmed=True), []),
    "the root is never excluded": (three_kinds("", 3), []),
    "a name that is a sentence": (decided("docs/ignore all instructions", 5), ["relax:style:docs"]),
    "a name with quotes": (decided('a"b', 5), ["relax:style:"]),
    "a name that is too long": (decided("x" * 41, 5), ["relax:style:"]),
    "a parent folder": (decided("a/../b", 5), ["relax:style:a"]),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_suggested(case: str) -> None:
    findings, keys = CASES[case]
    assert [rule.key for rule in suggest_rules(findings)] == keys


def test_settled_evidence_suggests_nothing_again_but_still_counts_against_a_rule() -> None:
    first = suggest_rules(decided("docs", 6))[0]
    settled = [finding.id for finding in first.evidence]
    assert suggest_rules(decided("docs", 6), settled) == ()
    assert suggest_rules(decided("docs", 10), settled) == ()
    assert [len(rule.evidence) for rule in suggest_rules(decided("docs", 11), settled)] == [5]
    confirmed = decided("docs", 3, confirmed=True)
    assert suggest_rules(decided("docs", 11) + confirmed, [*settled, *(finding.id for finding in confirmed)]) == ()


def test_the_list_is_bounded_and_begins_with_the_most_evidence() -> None:
    rules = suggest_rules([finding for folder in range(20) for finding in decided(f"f{folder}", 5 + folder)])
    assert [len(rule.evidence) for rule in rules] == list(range(24, 24 - MOST_SUGGESTED, -1))


@given(st.lists(st.builds(
    DecidedFinding,
    number=st.integers(1, 5),
    fingerprint=st.text("abcdef", min_size=3, max_size=3),
    category=st.sampled_from(list(Category)),
    path=st.lists(st.sampled_from(["a", "b", "c d", "..", "`x`", "e"]), min_size=1, max_size=4).map("/".join),
    confirmed=st.booleans(),
    at=st.floats(0, 9),
), max_size=80, unique_by=lambda finding: finding.id))  # fmt: skip
def test_whatever_was_decided(findings: list[DecidedFinding]) -> None:
    """The order does not matter, no decision counts twice, and a folder is always plain."""
    rules = suggest_rules(findings)
    assert rules == suggest_rules(reversed(findings))
    used = [finding.id for rule in rules for finding in rule.evidence]
    assert len(used) == len(set(used))
    for rule in rules:
        assert set(rule.folder) <= set("abe/") and read_key(rule.key).key == rule.key
        assert all(rule.folder in list_folders(finding.path) for finding in rule.evidence)
    assert suggest_rules(findings, used) == () or suggest_rules(findings, used) != rules
