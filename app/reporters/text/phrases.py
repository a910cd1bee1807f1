"""Phrases about a verdict that several surfaces share."""

from collections.abc import Callable, Sequence

from app.configuration.repository_config import GateConfig
from app.reporters.text.markdown import plural
from app.reporters.text.safety import line
from reviewers.criteria import CriterionResult, CriterionStatus
from reviewers.values.finding import Severity
from reviewers.values.reading import ReadingProblem
from reviewers.values.verdict import Outcome, ProposalStanding, RankedFinding, SeatReport, Stance, Verdict

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
DISPUTED = "⚪"
TO_FIX = (ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED)
SHOWN = (*TO_FIX, ProposalStanding.DISPUTED)
# What people read for each standing. The values of `Standing` are a contract of the API and stay.
STANDING_NAMES = {
    ProposalStanding.RECOMMENDED: "to fix",
    ProposalStanding.UNCONFIRMED: "to check",
    ProposalStanding.DISPUTED: "disputed",
    ProposalStanding.NOTED: "minor",
    ProposalStanding.REJECTED: "rejected",
    ProposalStanding.DISMISSED: "dismissed",
}
_NAMED = 3
_FAULTS = {
    ReadingProblem.CUT_OFF: "was cut off",
    ReadingProblem.THINKING: "used its whole answer for reasoning",
    ReadingProblem.PROMPT_CUT: "read a prompt that its host cut short",
    ReadingProblem.PART_LOST: "did not answer for part of the change",
    ReadingProblem.ALL_DISCARDED: "made only claims without valid evidence",
}


def in_order(verdict: Verdict) -> tuple[RankedFinding, ...]:
    """The listed findings: those to fix by severity, then by rank; disputed ones last."""
    return tuple(sorted(verdict.standing(*SHOWN), key=_place_in_list))


def _place_in_list(ranked: RankedFinding) -> tuple[bool, int]:
    return ranked.standing is ProposalStanding.DISPUTED, -ranked.finding.severity.weight


def blocks_merge(verdict: Verdict) -> bool:
    """Whether a critical or high finding is recommended; only that forbids merging."""
    return any(ranked.finding.severity.weight >= Severity.HIGH.weight for ranked in verdict.standing(ProposalStanding.RECOMMENDED))


def headline(verdict: Verdict) -> str:
    """The verdict in a few words: "do not merge yet · 1 critical, 1 high", or "3 to look at"."""
    if blocks_merge(verdict):
        return f"do not merge yet · {count_severities(verdict)}"
    count = len(verdict.standing(*SHOWN))
    return f"{count} to look at" if count else _nothing(verdict)


def count_severities(verdict: Verdict) -> str:
    """ "1 critical, 2 medium, 1 to check": recommended findings by severity, then the unconfirmed ones."""
    recommended = [ranked.finding.severity for ranked in verdict.standing(ProposalStanding.RECOMMENDED)]
    counts = [(recommended.count(severity), severity.value) for severity in Severity]
    counts.append((len(verdict.standing(ProposalStanding.UNCONFIRMED)), "to check"))
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def criteria_counts(results: Sequence[CriterionResult]) -> str:
    """ "2 met, 1 not met, 1 cannot tell"."""
    counts = [(sum(result.status is status for result in results), status.value) for status in CriterionStatus]
    return ", ".join(f"{count} {what}" for count, what in counts if count)


def _nothing(verdict: Verdict) -> str:
    """The headline without findings. It says "nothing to fix" only if a quorum of models read everything."""
    if verdict.unreviewable:
        return "nothing to review"
    return "nothing to fix" if verdict.conclusive else f"nothing found in what was read · {complete_readings(verdict)}"


def count_models(verdict: Verdict) -> str:
    """The plural noun for the seats that count for the quorum: models, or analyzers."""
    return "models" if any(seat.is_model for seat in verdict.seats) else "analyzers"


def complete_readings(verdict: Verdict) -> str:
    """ "1 of 3 models complete"."""
    count, total = sum(seat.complete for seat in verdict.voters), len(verdict.voters)
    return f"{count} of {plural(total, count_models(verdict).removesuffix('s'))} complete"


def readings(verdict: Verdict, escape: Callable[[str], str] = line) -> str:
    """ "2 of 3 models read everything; gpt-x was cut off"; "" if all read everything.

    `escape` makes a model's name safe for the surface.
    """
    left = [seat for seat in verdict.voters if not seat.complete]
    if not left:
        return ""
    total = len(verdict.voters)
    why = [f"{escape(seat.seat)} {_fault(seat)}" for seat in left[:_NAMED]]
    more = [f"{len(left) - _NAMED} more did not"] if len(left) > _NAMED else []
    return "; ".join([f"{total - len(left)} of {plural(total, count_models(verdict).removesuffix('s'))} read everything", *why, *more])


def _fault(seat: SeatReport) -> str:
    if seat.opinion is not Outcome.ANSWERED:
        return seat.opinion.value
    return next((_FAULTS[note.problem] for note in seat.reading.notes if note.problem in _FAULTS), "did not")


def heading(verdict: Verdict) -> str:
    """The first line: "Council: 2 to look at", or "Council could not review this: …"."""
    if not verdict.incomplete:
        return f"Council: {headline(verdict)}"
    return f"Council {cannot_review(verdict)}"


def cannot_review(verdict: Verdict) -> str:
    """ "could not review this: 1 of 4 models answered"."""
    return f"could not review this: {seats_answered(verdict) if verdict.voters else 'no model was called'}"


def reason(verdict: Verdict) -> str:
    """Why a verdict is incomplete: the reason that all failed seats share, or else the missed quorum."""
    reasons = {seat.reason or seat.opinion.value for seat in verdict.voters if seat.opinion is not Outcome.ANSWERED}
    return reasons.pop() if len(reasons) == 1 else verdict.incomplete


def seats_answered(verdict: Verdict) -> str:
    """ "3 of 4 models answered"; only models count where there are any."""
    return f"{verdict.answered} of {plural(len(verdict.voters), count_models(verdict).removesuffix('s'))} answered"


def how_sure(ranked: RankedFinding) -> str:
    """The confidence as a percentage if it is calibrated, otherwise as a word."""
    return confidence_text(ranked.confidence, calibrated=ranked.calibrated)


def confidence_text(confidence: float, *, calibrated: bool) -> str:
    """The confidence as a percentage if it is calibrated, otherwise likely, possible or unlikely."""
    if calibrated:
        return f"{round(confidence * 100)} %"
    return "likely" if confidence >= 0.66 else "possible" if confidence >= 0.4 else "unlikely"


def severity_mark(ranked: RankedFinding) -> str:
    """The mark of the finding's severity, or of a disputed finding."""
    return DISPUTED if ranked.standing is ProposalStanding.DISPUTED else MARKS[ranked.finding.severity]


def list_posted(verdict: Verdict) -> list[dict[str, str | int | None]]:
    """The shown findings as JSON values, best first, with quotes and locations; `line` is None for a whole file."""
    return [
        {
            "id": ranked.short_id,
            "title": ranked.finding.title,
            "severity": ranked.finding.severity.value,
            "standing": ranked.standing.value,
            "path": ranked.finding.location.path,
            "line": ranked.finding.location.line,
            "quote": ranked.finding.quote,
            "body": ranked.finding.body,
            "suggestion": ranked.finding.suggestion,
        }
        for ranked in verdict.standing(*SHOWN, ProposalStanding.NOTED)
    ]


def cost(usd: float | None) -> str:
    """A cost in dollars, or that it is unknown."""
    if usd is None:
        return "cost unknown"
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else "under $0.01"


def fails_gate(verdict: Verdict, gate: GateConfig) -> bool:
    """Whether a recommended finding is severe enough and, if the gate requires it, backed by two vendors."""
    if not gate.enabled:
        return False
    vendors = {seat.seat: seat.vendor for seat in verdict.seats}

    def agreed(ranked: RankedFinding) -> bool:
        names = (*ranked.raised_by, *(vote.seat for vote in ranked.by(Stance.CONFIRM) if vote.proof is not None))
        return len({vendors.get(name, name) for name in names}) > 1

    return any(
        ranked.finding.severity.weight >= gate.severity.weight and (agreed(ranked) or not gate.confirmed_by_another_vendor)
        for ranked in verdict.standing(ProposalStanding.RECOMMENDED)
    )
