"""Change here how posts say who found, confirmed or rejected a finding."""

from app.reporters.text.markdown import plural
from app.reporters.text.safety import line
from reviewers.values.verdict import Outcome, ProposalStanding, RankedFinding, Stance, Verdict

_LAST = {2: "the other", 3: "the third", 4: "the fourth", 5: "the fifth"}


def support(ranked: RankedFinding, verdict: Verdict) -> str:
    """ "found by 2 of 3 models, confirmed by the third"; for a disputed finding "1 for, 2 against"."""
    confirmed, rejected = len(ranked.by(Stance.CONFIRM)), len(ranked.by(Stance.REJECT))
    if ranked.standing is ProposalStanding.DISPUTED:
        parts = [f"{len(ranked.raised_by) + confirmed} for, {rejected} against"]
    else:
        parts = [f"found by {_raised(ranked, verdict)}"]
        if confirmed:
            parts.append(f"confirmed by {_confirmed(ranked, confirmed, _total(ranked, verdict))}")
        if rejected:
            parts.append(f"rejected by {rejected}")
    if ranked.unproven:
        parts.append(f"{plural(len(ranked.unproven), 'vote')} without evidence")
    return ", ".join(parts)


def backing(ranked: RankedFinding, verdict: Verdict) -> str:
    """ "3 of 3 models": how many found it or confirmed it."""
    analyzers = _analyzers(verdict)
    names = {*ranked.raised_by, *(vote.seat for vote in ranked.by(Stance.CONFIRM))} - analyzers
    if not names:
        return ", ".join(line(name) for name in ranked.raised_by)
    return f"{len(names)} of {plural(_total(ranked, verdict), 'model')}"


def _raised(ranked: RankedFinding, verdict: Verdict) -> str:
    """Who found it: models as a count, analyzers by name."""
    analyzers = _analyzers(verdict)
    models = [name for name in ranked.raised_by if name not in analyzers]
    names = [line(name) for name in ranked.raised_by if name in analyzers]
    counted = [f"{len(models)} of {plural(_total(ranked, verdict), 'model')}"] if models else []
    return " and ".join([*counted, *names])


def _confirmed(ranked: RankedFinding, confirmed: int, total: int) -> str:
    """The count, or "the third" if all other models found it."""
    is_last = confirmed == 1 and len(ranked.raised_by) + 1 == total
    return _LAST.get(total, "the last") if is_last else str(confirmed)


def _analyzers(verdict: Verdict) -> set[str]:
    return {seat.seat for seat in verdict.seats if not seat.is_model}


def _total(ranked: RankedFinding, verdict: Verdict) -> int:
    """How many models answered, including those of an earlier review that found or voted on this finding."""
    answered = {seat.seat for seat in verdict.seats if seat.is_model and seat.opinion is Outcome.ANSWERED}
    spoke = {*ranked.raised_by, *(vote.seat for vote in ranked.votes)} - _analyzers(verdict)
    return len(answered | spoke)
