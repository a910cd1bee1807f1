"""The words and the conclusion of the check run."""

from typing import Literal

from app.github.writes import Annotation, Conclusion
from app.reporters.edition import Edition
from app.reporters.folded_text import problems
from app.reporters.markdown import Part, assemble
from app.reporters.safety import plain
from app.reporters.summary_text import about, findings_table
from app.reporters.wording import answered, counts, provenance, sure
from reviewers.finding import Severity, Side
from reviewers.verdict import RankedFinding, Stance, Standing

MAX_TITLE = 250
MAX_MESSAGE = 8_000

Level = Literal["notice", "warning", "failure"]


def under_way() -> Conclusion:
    """The check run from the moment a run starts."""
    return Conclusion("in_progress", "The council is reading", "The seats read this head independently; the result appears here.")


def finished(edition: Edition) -> Conclusion:
    """The result. Never green or red because a vendor failed."""
    verdict, (heading, listed) = edition.verdict, problems(edition)
    broken = f"**{heading}**\n\n{listed}" if listed else ""
    notes = tuple(note for note in map(_annotation, verdict.standing(Standing.RECOMMENDED)) if note)
    if verdict.incomplete:
        title = f"Could not finish: {answered(verdict)} answered"
        text = assemble((Part(plain(verdict.incomplete, 400)), Part(findings_table(edition)), Part(broken)))
        return Conclusion("completed", title[:MAX_TITLE], text, conclusion=edition.config.gate.incomplete)
    stopped = edition.config.gate.enabled and any(_stops(edition, one) for one in verdict.standing(Standing.RECOMMENDED))
    title = f"{counts(verdict)} · {answered(verdict)}"
    text = assemble((Part(about(edition)), Part(findings_table(edition)), Part(broken)))
    return Conclusion("completed", title[:MAX_TITLE], text, conclusion="failure" if stopped else "success", annotations=notes)


def failed(reason: str) -> Conclusion:
    """A run that ended without a verdict: neutral, with the reason in the title."""
    return Conclusion("completed", plain(f"Council could not finish: {reason}", MAX_TITLE), plain(reason, 2_000), conclusion="neutral")


def _stops(edition: Edition, ranked: RankedFinding) -> bool:
    gate, vendors = edition.config.gate, {seat.seat: seat.vendor for seat in edition.verdict.seats}
    if ranked.finding.severity.weight < Severity(gate.severity).weight:
        return False
    raised = {vendors.get(seat, seat) for seat in ranked.raised_by}
    backed = raised | {vendors.get(vote.seat, vote.seat) for vote in ranked.by(Stance.CONFIRM)}
    return len(backed) > 1 or not gate.confirmed_by_another_vendor


def _annotation(ranked: RankedFinding) -> Annotation | None:
    finding, place = ranked.finding, ranked.finding.location
    if place.path is None or place.side is Side.LEFT:
        return None
    last = place.line or 1
    level: Level = "warning" if finding.severity.weight >= Severity.HIGH.weight else "notice"
    message = f"{plain(finding.body, MAX_MESSAGE)} ({finding.severity.value}, {sure(ranked)}, {provenance(ranked)})"
    return Annotation(place.path, place.start_line or last, last, level, plain(finding.title), message)
