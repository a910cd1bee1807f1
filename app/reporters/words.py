"""The sentences of a verdict that several surfaces share."""

from collections.abc import Callable

from app.github.repository_config import Gate
from app.reporters.markdown import plural
from app.reporters.safety import line
from reviewers.finding import Severity
from reviewers.reading import ReadingProblem
from reviewers.verdict import Outcome, RankedFinding, SeatReport, Stance, Standing, Verdict

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
DISPUTED = "⚪"
TO_FIX = (Standing.RECOMMENDED, Standing.UNCONFIRMED)
SHOWN = (*TO_FIX, Standing.DISPUTED)
_NAMED = 3
_FAULTS = {
    ReadingProblem.CUT_OFF: "was cut off",
    ReadingProblem.THINKING: "used its whole answer for thinking",
    ReadingProblem.PROMPT_CUT: "read a prompt that its host had cut",
    ReadingProblem.PART_LOST: "gave no answer on a part of the change",
    ReadingProblem.ALL_DISCARDED: "made only claims that do not hold",
}


def headline(verdict: Verdict) -> str:
    """What the verdict comes to: "2 to fix, 1 disputed"."""
    counts = (
        (len(verdict.standing(Standing.RECOMMENDED)), "to fix"),
        (len(verdict.standing(Standing.UNCONFIRMED)), "to check"),
        (len(verdict.standing(Standing.DISPUTED)), "disputed"),
    )
    return ", ".join(f"{count} {what}" for count, what in counts if count) or _nothing(verdict)


def _nothing(verdict: Verdict) -> str:
    """What an empty list means: it says that there is nothing to fix only where a quorum of models read everything."""
    if verdict.unreviewable:
        return "nothing to review"
    return "nothing to fix" if verdict.conclusive else f"nothing found in what was read · {complete_readings(verdict)}"


def members(verdict: Verdict) -> str:
    """What the seats that the quorum is counted on are, in the plural."""
    return "models" if any(seat.is_model for seat in verdict.seats) else "analyzers"


def complete_readings(verdict: Verdict) -> str:
    """ "1 of 3 models complete"."""
    count, total = sum(seat.complete for seat in verdict.voters), len(verdict.voters)
    return f"{count} of {plural(total, members(verdict).removesuffix('s'))} complete"


def readings(verdict: Verdict, escape: Callable[[str], str] = line) -> str:
    """Who did not read everything, and why: "2 of 3 models read everything; gpt-x was cut off"; "" where all did.

    `escape` makes a model's name safe where the text goes.
    """
    left = [seat for seat in verdict.voters if not seat.complete]
    if not left:
        return ""
    total = len(verdict.voters)
    why = [f"{escape(seat.seat)} {_fault(seat)}" for seat in left[:_NAMED]]
    more = [f"{len(left) - _NAMED} more did not"] if len(left) > _NAMED else []
    return "; ".join([f"{total - len(left)} of {plural(total, members(verdict).removesuffix('s'))} read everything", *why, *more])


def _fault(seat: SeatReport) -> str:
    if seat.opinion is not Outcome.ANSWERED:
        return seat.opinion.value
    return next((_FAULTS[note.problem] for note in seat.reading.notes if note.problem in _FAULTS), "did not")


def heading(verdict: Verdict) -> str:
    """The first line: "Council: 2 to fix", or that the council could not finish."""
    if verdict.incomplete and not verdict.voters:
        return "Council could not begin"
    return f"Council could not finish: {seats_answered(verdict)}" if verdict.incomplete else f"Council: {headline(verdict)}"


def reason(verdict: Verdict) -> str:
    """Why a verdict is incomplete: what kept the seats from answering, where all that failed say the same, else the missed quorum."""
    reasons = {seat.reason or seat.opinion.value for seat in verdict.voters if seat.opinion is not Outcome.ANSWERED}
    return reasons.pop() if len(reasons) == 1 else verdict.incomplete


def seats_answered(verdict: Verdict) -> str:
    """ "3 of 4 seats answered"; only model seats count where there are any."""
    return f"{verdict.answered} of {plural(len(verdict.voters), 'seat')} answered"


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
    if ranked.unproven:
        parts.append(f"{len(ranked.unproven)} without evidence")
    return ", ".join(parts)


def list_posted(verdict: Verdict) -> list[dict[str, str | int | None]]:
    """What people are shown, best first, each with the code that it quotes and where that stands; `line` is None for a whole file."""
    return [
        {
            "title": ranked.finding.title,
            "severity": ranked.finding.severity.value,
            "standing": ranked.standing.value,
            "path": ranked.finding.location.path,
            "line": ranked.finding.location.line,
            "quote": ranked.finding.quote,
        }
        for ranked in verdict.standing(*SHOWN, Standing.NOTED)
    ]


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
        names = (*ranked.raised_by, *(vote.seat for vote in ranked.by(Stance.CONFIRM) if vote.proof is not None))
        return len({vendors.get(name, name) for name in names}) > 1

    return any(
        ranked.finding.severity.weight >= gate.severity.weight and (agreed(ranked) or not gate.confirmed_by_another_vendor)
        for ranked in verdict.standing(Standing.RECOMMENDED)
    )
