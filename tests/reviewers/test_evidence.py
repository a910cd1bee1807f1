"""The lines that can support a vote."""

import pytest

from reviewers.anchoring.evidence import CitedEvidence, find_evidence, with_evidence
from reviewers.context.snapshot import FailingCheck
from reviewers.values.finding import Category, CitedLine, Finding, FindingClaim, Location, Severity
from reviewers.values.verdict import Stance
from tests.reviewers.samples import changed, snapshot

HEAD = "import net\n\ndef pay(order):\n    key = order.key()\n    return net.post(URL, order, timeout=5)\n\ndef close():\n    key.drop()\n"
LOG = FailingCheck(name="unit", url="", lines=("test_pay.py:4: in test_pay", "E   TypeError: pay() missing 1 argument"))
FILES = snapshot(changed("pay.py", "import net\n", HEAD), failing_checks=(LOG,))
FINDING = Finding(
    seat="",
    title="The request has no timeout",
    body="It hangs.",
    severity=Severity.HIGH,
    category=Category.ERRORS,
    location=Location(path="pay.py", line=5),
    quote="    return net.post(URL, order, timeout=5)",
)


def evidence(stance: Stance, quote: str, said: str = "It does.", path: str = "pay.py", line: int = 0) -> tuple[str, int] | None:
    found = find_evidence(CitedEvidence(stance, said, path, line, quote), FINDING, FILES)
    return None if found is None else (found.path, found.line)


@pytest.mark.parametrize(
    ("stance", "quote", "said", "place"),
    [
        (Stance.CONFIRM, "return net.post(URL, order, timeout=5)", "It does.", ("pay.py", 5)),
        (Stance.CONFIRM, "return net.post(URL, order, timeout=9)", "It does.", None),
        (Stance.CONFIRM, "net.post(URL, order)", "It does.", None),
        (Stance.CONFIRM, "The request has no timeout", "It does.", None),
        (Stance.CONFIRM, "", "`timeout=5` is passed", None),
        (Stance.CONFIRM, ")", "It does.", None),
        (Stance.REJECT, "key = order.key()", "It is keyed.", ("pay.py", 4)),
        (Stance.REJECT, "return net.post(URL, order, timeout=5)", "It has one.", None),
        (Stance.REJECT, "return net.post(URL, order, timeout=5)", "`timeout=5` is passed.", ("pay.py", 5)),
        (Stance.REJECT, "timeout=5", "`timeout=5` is passed.", ("pay.py", 5)),
        (Stance.REJECT, "return net.post(URL, order, timeout=5)", "`timeout=9` is passed.", None),
        (Stance.REJECT, "return net.post(URL, order, timeout=5)", "`return net.post(URL, order, timeout=5)` is fine.", None),
        (Stance.REJECT, "def pay(order):\n    key = order.key()\n    return net.post(URL, order, timeout=5)", "Keyed.", ("pay.py", 3)),
    ],
)
def test_a_vote_needs_a_line_that_is_shown(stance: Stance, quote: str, said: str, place: tuple[str, int] | None) -> None:
    assert evidence(stance, quote, said) == place


@pytest.mark.parametrize(
    ("path", "quote", "place"),
    [
        ("unit", "E   TypeError: pay() missing 1 argument", ("unit", 2)),
        ("the log", "TypeError: pay() missing 1 argument", ("unit", 2)),
        ("unit", "TypeError: pay() missing 2 arguments", None),
        ("src/pay.py", "key.drop()", None),
        ("./pay.py", "key.drop()", ("pay.py", 8)),
    ],
)
def test_a_line_of_a_shown_log_is_evidence_too(path: str, quote: str, place: tuple[str, int] | None) -> None:
    assert evidence(Stance.CONFIRM, quote, path=path) == place


def test_a_line_of_three_letters_proves_nothing() -> None:
    trying = snapshot(changed("pay.py", "", "try:\n    key.drop()\nexcept OSError:\n    raise\n"))
    found = [find_evidence(CitedEvidence(Stance.CONFIRM, "", "pay.py", 0, quote), FINDING, trying) for quote in ("try:", "raise")]
    assert [each and each.line for each in found] == [None, 4]


def test_a_claim_may_cite_more_than_the_finding_s_own_line() -> None:
    cited = tuple(CitedLine(path="pay.py", line=None, quote=quote) for quote in (FINDING.quote, "key = order.key()"))
    claim = FindingClaim.model_construct(evidence=cited)
    finding = with_evidence(FINDING, claim, FILES, {})
    assert isinstance(finding, Finding) and [evidence.line for evidence in finding.evidence] == [4]


def test_the_nearest_of_equal_lines_is_meant() -> None:
    twice = snapshot(changed("pay.py", "", "key.drop()\na()\nb()\nkey.drop()\n"))
    found = [find_evidence(CitedEvidence(Stance.CONFIRM, "", "pay.py", line, "key.drop()"), FINDING, twice) for line in (1, 4)]
    assert [each.line for each in found if each] == [1, 4]
