"""The sentences of a verdict that several surfaces share."""

from app.github.repository_config import Gate
from app.reporters.markdown import plural
from reviewers.finding import Severity
from reviewers.verdict import Outcome, RankedFinding, SeatReport, Stance, Standing, Verdict

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
DISPUTED = "⚪"
TO_FIX = (Standing.RECOMMENDED, Standing.UNCONFIRMED)
SHOWN = (*TO_FIX, Standing.DISPUTED)


def headline(verdict: Verdict) -> str:
    """What the verdict comes to: "2 to fix, 1 disputed"."""
    counts = (
        (len(verdict.standing(Standing.RECOMMENDED)), "to fix"),
        (len(verdict.standing(Standing.UNCONFIRMED)), "to check"),
        (len(verdict.standing(Standing.DISPUTED)), "disputed"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) or "nothing to fix"


def heading(verdict: Verdict) -> str:
    """The first line: "Council: 2 to fix", or that the council could not finish."""
    if verdict.incomplete and not voters(verdict):
        return "Council could not begin"
    return f"Council could not finish: {seats_answered(verdict)}" if verdict.incomplete else f"Council: {headline(verdict)}"


def reason(verdict: Verdict) -> str:
    """Why a verdict is incomplete: what kept the seats from answering, where all that failed say the same, else the missed quorum."""
    reasons = {seat.reason or seat.opinion.value for seat in voters(verdict) if seat.opinion is not Outcome.ANSWERED}
    return reasons.pop() if len(reasons) == 1 else verdict.incomplete


def seats_answered(verdict: Verdict) -> str:
    """ "3 of 4 seats answered"; only model seats count where there are any."""
    return f"{verdict.answered} of {plural(len(voters(verdict)), 'seat')} answered"


def voters(verdict: Verdict) -> tuple[SeatReport, ...]:
    """The seats that the quorum is counted on."""
    models = tuple(seat for seat in verdict.seats if seat.is_model)
    return models or verdict.seats


def how_sure(ranked: RankedFinding) -> str:
    """A percentage where a calibrated table stands behind it, else a word."""
    return sure(ranked.confidence, calibrated=ranked.calibrated)


def sure(confidence: float, *, calibrated: bool) -> str:
    """How sure, as people read it."""
    if calibrated:
        return f"{round(confidence * 100)} %"
    return "likely" if confidence >= 0.66 else "possible" if confidence >= 0.4 else "doubtful"


def mark(ranked: RankedFinding) -> str:
    """The severity's mark; a disputed finding has none of its own."""
    return DISPUTED if ranked.standing is Standing.DISPUTED else MARKS[ranked.finding.severity]


def support(ranked: RankedFinding) -> str:
    """ "raised by 2, confirmed by 1 of 2"."""
    confirmed, rejected = len(ranked.by(Stance.CONFIRM)), len(ranked.by(Stance.REJECT))
    parts = [f"raised by {len(ranked.raised_by)}"]
    if confirmed:
        parts.append(f"confirmed by {confirmed} of {len(ranked.votes)}")
    if rejected:
        parts.append(f"rejected by {rejected}")
    return ", ".join(parts)


def cost(usd: float | None) -> str:
    """Dollars, or that the price is not known."""
    if usd is None:
        return "cost unknown"
    return f"${usd:.2f}" if usd >= 0.01 or usd == 0 else "under $0.01"


def fails_gate(verdict: Verdict, gate: Gate) -> bool:
    """Whether a finding to fix is severe enough and, where that is asked for, stands on two vendors."""
    if not gate.enabled:
        return False
    vendors = {seat.seat: seat.vendor for seat in verdict.seats}

    def agreed(ranked: RankedFinding) -> bool:
        names = (*ranked.raised_by, *(vote.seat for vote in ranked.by(Stance.CONFIRM)))
        return len({vendors.get(name, name) for name in names}) > 1

    return any(
        ranked.finding.severity.weight >= gate.severity.weight and (agreed(ranked) or not gate.confirmed_by_another_vendor)
        for ranked in verdict.standing(Standing.RECOMMENDED)
    )
