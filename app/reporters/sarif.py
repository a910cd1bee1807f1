"""A verdict as SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html"""

import json
from urllib.parse import quote

from app.reporters.words import TO_FIX, how_sure
from reviewers.finding import Severity, Side
from reviewers.verdict import RankedFinding, Verdict

_LEVELS = {Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note"}


def to_sarif(verdict: Verdict) -> str:
    """The findings to fix, one result each, with a fingerprint that survives moved lines."""
    ranked = verdict.standing(*TO_FIX)
    rules = sorted({each.finding.category.value for each in ranked})
    run = {
        "tool": {"driver": {"name": "Council", "rules": [{"id": rule} for rule in rules]}},
        "results": [_result(each) for each in ranked],
        "columnKind": "unicodeCodePoints",
    }
    schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2)


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
        # A line of the base is in no file that a reader of this could open.
        if finding.location.line is not None and finding.location.side is Side.RIGHT:
            first = finding.location.start_line or finding.location.line
            place["region"] = {"startLine": first, "endLine": finding.location.line}
        result["locations"] = [{"physicalLocation": place}]
    return result
