"""Change here how an answer shows one finding: in full with every vote, or as a patch."""

import difflib
from collections.abc import Mapping

from app.reporters.text import prompt_text
from app.reporters.text.evidence_text import evidence_list
from app.reporters.text.markdown import where
from app.reporters.text.phrases import STANDING_NAMES, how_sure, severity_mark
from app.reporters.text.safety import fence, line, prose, suggestion
from reviewers.anchoring.suggestion import apply_suggestion
from reviewers.context.snapshot import Snapshot
from reviewers.followup import FixVote
from reviewers.values.finding import Side
from reviewers.values.verdict import RankedFinding, Stance

_VERBS = {Stance.CONFIRM: "confirmed it", Stance.REJECT: "rejected it", Stance.UNSURE: "was unsure"}


def explain_finding(ranked: RankedFinding, snapshot: Snapshot, web_url: str) -> str:
    """The finding, its code, and who found, confirmed or rejected it."""
    finding = ranked.finding
    said = [f"- {line(seat)} found it" for seat in ranked.raised_by]
    said += [f"- {line(vote.seat)} {_voted(vote.stance, vote.evidence)}" for vote in ranked.votes]
    parts = [
        f"### {severity_mark(ranked)} {line(finding.title)} · {how_sure(ranked)}",
        where(finding.location, snapshot, web_url),
        prose(finding.body),
        fence(finding.quote) if finding.quote else "",
        evidence_list(ranked, snapshot, web_url),
        "\n".join(said),
        f"Standing: *{STANDING_NAMES[ranked.standing]}*. {line(ranked.why)}" if ranked.why else "",
        prompt_text.section([ranked], snapshot.head_sha),
    ]
    return "\n\n".join(part for part in parts if part)


def patch(ranked: RankedFinding, snapshot: Snapshot) -> str:
    """The finding's own fix as a unified diff, or as code if it does not apply; "" if it has none."""
    finding = ranked.finding
    file = snapshot.file(finding.location.path or "")
    if finding.suggestion is not None and file is not None and file.head is not None and finding.location.side is Side.RIGHT:
        changed = apply_suggestion(file.head, finding.location, finding.suggestion)
        if changed is not None:
            return fence(diff(file.path, file.head, changed), "diff")
    code = finding.suggestion or finding.sketch
    return fence(code) if code else ""


def patch_attribution(by: str, votes: Mapping[str, FixVote]) -> str:
    """Who wrote a patch, and the vote of each other seat."""
    if not votes:
        return f"Written by {line(by)}; no other model could judge it."
    said = [f"- {line(seat)} {_voted(vote.stance, vote.evidence)}" for seat, vote in votes.items()]
    return "\n".join([f"Written by {line(by)}:", "", *said])


def in_thread(ranked: RankedFinding) -> str:
    """The fix as a suggestion that GitHub applies with a button; "" if none fits."""
    return suggestion(ranked.finding.suggestion) or "" if ranked.finding.suggestion is not None else ""


def diff(path: str, before: str, after: str) -> str:
    """A unified diff of one file."""
    rows = difflib.unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    return "\n".join(rows)


def _voted(stance: Stance, evidence: str) -> str:
    return _VERBS[stance] + (f": {line(evidence)}" if evidence.strip() else "")
