"""A verdict as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

import json
from urllib.parse import quote

from app.reporters.text.evidence_text import evidence_of
from app.reporters.text.phrases import TO_FIX, headline, how_sure
from reviewers.values.finding import Evidence, Severity, Side
from reviewers.values.verdict import Outcome, RankedFinding, Verdict

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def to_sarif(verdict: Verdict) -> str:
    """The findings to fix, one result each, with a fingerprint that stays the same when lines move."""
    ranked = verdict.standing(*TO_FIX)
    rules = sorted({finding.finding.category.value for finding in ranked})
    run = {
        "tool": {"driver": {"name": "Council", "rules": [{"id": rule} for rule in rules]}},
        "results": [_result(finding) for finding in ranked],
        "invocations": [{"executionSuccessful": verdict.conclusive, "toolExecutionNotifications": _notifications(verdict)}],
        "columnKind": "unicodeCodePoints",
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


def _notifications(verdict: Verdict) -> list[dict[str, object]]:
    """Notifications about the run: why it is inconclusive, which seats did not read everything, and discarded claims."""
    whole = verdict.incomplete or verdict.unreviewable or ("" if verdict.conclusive else headline(verdict))
    notes = [("error" if verdict.incomplete else "warning", whole)] if whole else []
    for seat in verdict.seats:
        if seat.reason or seat.opinion not in (Outcome.ANSWERED, Outcome.ABSTAINED):
            level = "note" if seat.complete else "warning"
            notes.append((level, f"{seat.seat} {seat.opinion.value}" + (f": {seat.reason}" if seat.reason else "")))
    notes += [("note", f"discarded: {each.seat}: {each.title} ({each.path}): {each.reason}") for each in verdict.discarded]
    return [{"level": level, "message": {"text": text}} for level, text in notes]


def _result(ranked: RankedFinding) -> dict[str, object]:
    finding = ranked.finding
    result: dict[str, object] = {
        "ruleId": finding.category.value,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{finding.title}\n\n{finding.body}"},
        "partialFingerprints": {"council/v1": ranked.fingerprint},
        "properties": {"severity": finding.severity.value, "confidence": how_sure(ranked), "raisedBy": list(ranked.raised_by)},
    }
    if finding.location.path is not None:
        place: dict[str, object] = {"artifactLocation": {"uri": quote(finding.location.path, errors="replace")}}
        # A line of the base is in no file that a reader of the SARIF file can open.
        if finding.location.line is not None and finding.location.side is Side.RIGHT:
            first = finding.location.start_line or finding.location.line
            place["region"] = {"startLine": first, "endLine": finding.location.line}
        result["locations"] = [{"physicalLocation": place}]
    # https://docs.oasis-open.org/sarif/sarif/v2.1.0: related locations hold the evidence of a result.
    if evidence := evidence_of(ranked):
        result["relatedLocations"] = [_related(each) for each in evidence]
    return result


def _related(evidence: Evidence) -> dict[str, object]:
    place = {"artifactLocation": {"uri": quote(evidence.path, errors="replace")}, "region": {"startLine": evidence.line}}
    return {"physicalLocation": place, "message": {"text": evidence.quote}}
