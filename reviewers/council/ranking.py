"""Where each proposal ends and why: severity × confidence, from who raised it and how the others voted."""

import math
from collections.abc import Callable, Mapping, Sequence

from reviewers.council.calibration import Table, calibrate
from reviewers.council.fingerprint import distinct, short_ids
from reviewers.finding import Severity
from reviewers.value import Value
from reviewers.verdict import Proposal, RankedFinding, SeatVote, Stance, Standing


class Rules(Value):
    """Every number of the ranking. Weights are log-odds; `kin` is what a further seat of the same vendor counts."""

    prior: float = -0.6
    raised: float = 1.1
    confirmed: float = 0.9
    rejected: float = 1.1
    kin: float = 0.4
    analyzer: float = 2.0
    recommended_from: float = 0.65
    rejected_below: float = 0.15
    unanimous: int = 2


class Sitting(Value):
    """A seat as the ranking sees it; `record` multiplies its weight (1 until outcomes say otherwise)."""

    seat: str
    vendor: str
    is_model: bool = True
    record: float = 1.0


class Bench(Value):
    """Everything besides the proposals that a ranking depends on. `critics` are the seats whose critique arrived."""

    sittings: tuple[Sitting, ...]
    critics: tuple[str, ...] = ()
    rules: Rules = Rules()
    table: Table | None = None

    def sitting(self, seat: str) -> Sitting:
        """The facts on a seat; a stranger counts as a vendor of its own."""
        return next((each for each in self.sittings if each.seat == seat), Sitting(seat=seat, vendor=seat))


Votes = Mapping[str, Sequence[SeatVote]]
Ranker = Callable[[Sequence[Proposal], Votes, Bench], tuple[RankedFinding, ...]]
_ORDER = (Standing.RECOMMENDED, Standing.UNCONFIRMED, Standing.DISPUTED, Standing.NOTED, Standing.REJECTED)


def by_log_odds(proposals: Sequence[Proposal], votes: Votes, bench: Bench) -> tuple[RankedFinding, ...]:
    """Prior, plus weighted supporters and confirmations, minus weighted rejections."""
    return _ranked(proposals, votes, bench, _score)


def by_count(proposals: Sequence[Proposal], votes: Votes, bench: Bench) -> tuple[RankedFinding, ...]:
    """The share of seats for it among those that took a side; every seat counts one."""

    def share(proposal: Proposal, cast: Sequence[SeatVote], _: Bench) -> float:
        backing = len(proposal.supporters) + sum(vote.stance == Stance.CONFIRM for vote in cast)
        against = sum(vote.stance == Stance.REJECT for vote in cast)
        return (backing + 0.5) / (backing + against + 1.5)

    return _ranked(proposals, votes, bench, share)


RANKERS: Mapping[str, Ranker] = {"log-odds": by_log_odds, "count": by_count}


def _score(proposal: Proposal, cast: Sequence[SeatVote], bench: Bench) -> float:
    rules, odds = bench.rules, bench.rules.prior
    voices: dict[str, int] = {}
    for seat in sorted(proposal.supporters):
        sitting = bench.sitting(seat)
        weight = rules.raised if sitting.is_model else rules.analyzer
        odds += weight * _share(sitting, voices, rules)
    for vote in sorted(cast, key=lambda vote: vote.seat):
        if vote.stance == Stance.CONFIRM:
            odds += rules.confirmed * _share(bench.sitting(vote.seat), voices, rules)
    against: dict[str, int] = {}
    for vote in sorted(cast, key=lambda vote: vote.seat):
        if vote.stance == Stance.REJECT:
            odds -= rules.rejected * _share(bench.sitting(vote.seat), against, rules)
    return 1 / (1 + math.exp(-odds))


def _share(sitting: Sitting, voices: dict[str, int], rules: Rules) -> float:
    """What this seat's voice counts, after those of its vendor that were already heard."""
    heard = voices.get(sitting.vendor, 0)
    voices[sitting.vendor] = heard + 1
    return sitting.record * (rules.kin if heard else 1.0)


def _ranked(
    proposals: Sequence[Proposal], votes: Votes, bench: Bench, score: Callable[[Proposal, Sequence[SeatVote], Bench], float]
) -> tuple[RankedFinding, ...]:
    prints = distinct([proposal.finding for proposal in proposals])
    made = []
    for proposal, full, short in zip(proposals, prints, short_ids(prints), strict=True):
        cast = tuple(sorted(votes.get(proposal.id, ()), key=lambda vote: vote.seat))
        confidence, calibrated = calibrate(score(proposal, cast, bench), bench.table)
        made.append(
            RankedFinding(
                finding=proposal.finding,
                standing=_standing(proposal, cast, confidence, bench),
                confidence=round(confidence, 4),
                calibrated=calibrated,
                raised_by=proposal.supporters,
                votes=cast,
                why=_why(proposal, cast, bench),
                fingerprint=full,
                short_id=short,
            )
        )
    return tuple(sorted(made, key=_place))


def _standing(proposal: Proposal, cast: Sequence[SeatVote], confidence: float, bench: Bench) -> Standing:
    rules, severity = bench.rules, proposal.finding.severity
    against = sum(vote.stance == Stance.REJECT for vote in cast)
    backing = len(proposal.supporters) + sum(vote.stance == Stance.CONFIRM for vote in cast)
    if against and (confidence < rules.rejected_below or (backing == 1 and len(cast) == against >= rules.unanimous)):
        return Standing.REJECTED
    if against and (confidence < rules.recommended_from or against >= backing):
        return Standing.DISPUTED
    if confidence >= rules.recommended_from and severity != Severity.LOW:
        return Standing.RECOMMENDED
    if backing == 1 and _grave(severity, bench):
        return Standing.UNCONFIRMED
    return Standing.NOTED


def _grave(severity: Severity, bench: Bench) -> bool:
    """Whether one seat's word is enough to be shown in front: critical, or high where nobody else could vote."""
    alone = sum(sitting.is_model for sitting in bench.sittings) == 1
    return severity == Severity.CRITICAL or (alone and severity == Severity.HIGH)


def _why(proposal: Proposal, cast: Sequence[SeatVote], bench: Bench) -> str:
    voters = len(cast)
    confirmed = sum(vote.stance == Stance.CONFIRM for vote in cast)
    rejections = [vote for vote in cast if vote.stance == Stance.REJECT]
    vendors = {bench.sitting(seat).vendor for seat in proposal.supporters}
    parts = [f"raised by {len(proposal.supporters)}" + (" of one vendor" if len(proposal.supporters) > len(vendors) == 1 else "")]
    if confirmed:
        parts.append(f"confirmed by {confirmed} of {voters}")
    if rejections:
        parts.append(f"rejected by {len(rejections)} of {voters}")
    if not cast:
        parts.append("not judged by another seat" if bench.critics else "no second round")
    elif not confirmed and not rejections:
        parts.append("the others are unsure")
    reason = next((vote.evidence for vote in rejections if vote.evidence), "")
    return ", ".join(parts) + (f": {reason}" if reason else "")


def _place(ranked: RankedFinding) -> tuple[int, float, str, int, str]:
    where = ranked.finding.location
    return (
        _ORDER.index(ranked.standing),
        -ranked.finding.severity.weight * ranked.confidence,
        where.path or "",
        where.line or 0,
        ranked.fingerprint,
    )
