"""Sabotages of acceptance criteria: which seats can say that one is met, and on what evidence."""

from tests.mutants.mutant import Mutant

_CRITERIA = ("tests/reviewers/test_criteria.py",)

MUTANTS = (
    Mutant(
        "two seats of one vendor do not meet a criterion",
        "reviewers/criteria.py:_decided",
        "len({witness.vendor for witness, _, _ in favor}) > 1",
        "len(favor) > 1",
        _CRITERIA,
    ),
    Mutant(
        "an answer without a line does not count",
        "reviewers/criteria.py:_decided",
        "for witness, word in words if word.proof is not None",
        "for witness, word in words",
        _CRITERIA,
    ),
    Mutant(
        "an invented quote does not count",
        "reviewers/seats/model_seat.py:_criteria",
        "proof=find_code(CitedLine(path=answer.path, quote=answer.quote, line=answer.line or None), snapshot, elsewhere),",
        "proof=Evidence(path=answer.path, line=answer.line, quote=answer.quote),",
        _CRITERIA,
    ),
    Mutant(
        "a line of a log is not code",
        "reviewers/anchoring/evidence.py:find_code",
        "return evidence if is_code else None",
        "return evidence or None if is_code is not None else None",
        _CRITERIA,
    ),
    Mutant("one seat with a line refutes a criterion", "reviewers/criteria.py:_decided", "if against:", "if len(against) > 1:", _CRITERIA),
    Mutant("criteria are bounded", "reviewers/criteria.py:read_criteria", "[:MOST]", "[: 99 * MOST]", _CRITERIA),
    Mutant("only closed issues have criteria", "reviewers/criteria.py:read_criteria", "if issue.closes ", "", _CRITERIA),
    Mutant("hidden text is no criterion", "reviewers/criteria.py:_items", '_HIDDEN.sub(" ", body[:_READ])', "body[:_READ]", _CRITERIA),
    Mutant(
        "no criteria, no schema for them",
        "reviewers/seats/model_seat.py:ModelSeat._request",
        "answer=with_criteria(form.turn) if brief.criteria else form.turn",
        "answer=with_criteria(form.turn)",
        _CRITERIA,
    ),
    Mutant(
        "a note names nothing new",
        "reviewers/council/synthesis.py:_notes",
        "if not unknown_name(text, known):",
        "if text:",
        _CRITERIA,
    ),
    Mutant(
        "a criterion on touched lines is judged again",
        "reviewers/criteria.py:carry_results",
        "each.proofs and not changed & {proof.path for proof in each.proofs}",
        "each.proofs",
        _CRITERIA,
    ),
)
