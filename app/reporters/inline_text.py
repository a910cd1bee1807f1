"""The words of a comment on the diff: what goes wrong, when, and what to do."""

from app.reporters.markdown import sub
from app.reporters.safety import line, prose, suggestion
from app.reporters.wording import mark, names, sure
from reviewers.verdict import RankedFinding, Stance, Standing


def inline_comment(ranked: RankedFinding) -> str:
    """The comment, with a suggestion block when the finding has one that can stand as it is."""
    finding = ranked.finding
    offered = suggestion(finding.suggestion) if finding.suggestion is not None else None
    parts = (f"{mark(ranked)} **{line(finding.title)}**", prose(finding.body), offered or "", sub(_origin(ranked)))
    return "\n\n".join(part for part in parts if part)


def _origin(ranked: RankedFinding) -> str:
    raised = f"raised by {line(names(ranked.raised_by), 400)}"
    by = [vote.seat for vote in ranked.by(Stance.CONFIRM)]
    against = [vote.seat for vote in ranked.by(Stance.REJECT)]
    raised += f", confirmed by {line(names(by), 400)}" if by else ""
    raised += f", rejected by {line(names(against), 400)}" if against else ""
    unconfirmed = ["unconfirmed"] if ranked.standing is Standing.UNCONFIRMED else []
    said = (ranked.finding.severity.value, *unconfirmed, sure(ranked), raised, "reply to ask why", f"`/council dismiss {ranked.short_id}`")
    return " · ".join(said)
