"""The short phrases that every surface shares: how many, how sure, by whom, at what cost."""

from collections.abc import Sequence

from app.reporters.edition import Edition
from app.reporters.markdown import plural
from app.reporters.safety import plain
from reviewers.finding import Finding, Severity
from reviewers.verdict import RankedFinding, SeatReport, Stance, Standing, Usage, Verdict

MARKS = {Severity.CRITICAL: "🔴", Severity.HIGH: "🟠", Severity.MEDIUM: "🟡", Severity.LOW: "🔵"}
UNSURE_MARK = "⚪"
LIKELY = 0.66
POSSIBLE = 0.4


def counts(verdict: Verdict) -> str:
    """ "2 to fix, 1 disputed", or "nothing to fix"."""
    fix, unsure, disputed = (
        len(verdict.standing(standing)) for standing in (Standing.RECOMMENDED, Standing.UNCONFIRMED, Standing.DISPUTED)
    )
    said = [f"{count} {word}" for count, word in ((fix, "to fix"), (unsure, "unconfirmed"), (disputed, "disputed")) if count]
    return ", ".join(said) if fix or unsure else ", ".join(["nothing to fix", *said])


def answered(verdict: Verdict) -> str:
    """ "4 of 4 seats"."""
    seats = [seat for seat in verdict.seats if seat.is_model] or list(verdict.seats)
    return f"{verdict.answered} of {plural(len(seats), 'seat')}"


def mark(ranked: RankedFinding) -> str:
    return UNSURE_MARK if ranked.standing in {Standing.DISPUTED, Standing.REJECTED} else MARKS[ranked.finding.severity]


def sure(ranked: RankedFinding) -> str:
    """A word, or a percentage once a calibrated table stands behind it."""
    if ranked.calibrated:
        return f"{round(ranked.confidence * 100)} %"
    return "likely" if ranked.confidence >= LIKELY else "possible" if ranked.confidence >= POSSIBLE else "doubtful"


def provenance(ranked: RankedFinding) -> str:
    """ "raised by 2, confirmed by 1 of 2"."""
    confirmed, rejected, cast = len(ranked.by(Stance.CONFIRM)), len(ranked.by(Stance.REJECT)), len(ranked.votes)
    said = [f"raised by {len(ranked.raised_by)}"]
    if ranked.standing in {Standing.DISPUTED, Standing.REJECTED}:
        said += [f"confirmed by {confirmed}"] if confirmed else []
        said += [f"rejected by {rejected}"] if rejected else []
    elif cast:
        said.append(f"confirmed by {confirmed} of {cast}")
    return ", ".join(said)


def short_name(seat: str) -> str:
    """ "openai/gpt-5.5" is "gpt-5.5" to people."""
    return plain(seat.rsplit("/", 1)[-1], 60)


def names(seats: Sequence[str]) -> str:
    """ "a, b and c"."""
    shown = [short_name(seat) for seat in seats]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def dollars(usage: Usage) -> str:
    if usage.cost_usd is None:
        return "cost unknown"
    if 0 < usage.cost_usd < 0.01:
        return "under $0.01"
    return f"${usage.cost_usd:.2f}"


def duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def by_analyzers_alone(verdict: Verdict) -> bool:
    return bool(verdict.seats) and not any(seat.is_model for seat in verdict.seats)


def why_not(seat: SeatReport) -> str:
    """ "gpt-5.5 timed out: no answer in 120 s"."""
    reason = f": {plain(seat.reason)}" if seat.reason else ""
    return f"{short_name(seat.seat)} {seat.opinion.value}{reason}"


def listed(edition: Edition) -> tuple[RankedFinding, ...]:
    """What the table shows, in the council's order."""
    return edition.verdict.standing(Standing.RECOMMENDED, Standing.UNCONFIRMED, Standing.DISPUTED)


def inline(edition: Edition) -> tuple[RankedFinding, ...]:
    """What is posted on lines of the diff: worth acting on, anchored, and not said before."""
    wanted = edition.verdict.standing(Standing.RECOMMENDED, Standing.UNCONFIRMED)
    fit = [one for one in wanted if anchored(one.finding) and one.fingerprint not in edition.said]
    return tuple(fit[: edition.config.review.max_inline])


def anchored(finding: Finding) -> bool:
    return finding.location.path is not None and finding.location.line is not None
