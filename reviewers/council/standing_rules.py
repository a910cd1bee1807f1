"""The standings a proposal can get, the thresholds between them, and the reason in one clause."""

from collections.abc import Sequence

from reviewers.values.finding import Category, Severity
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Proposal, ProposalStanding, SeatVote, Stance

ORDER = (
    ProposalStanding.RECOMMENDED,
    ProposalStanding.UNCONFIRMED,
    ProposalStanding.DISPUTED,
    ProposalStanding.NOTED,
    ProposalStanding.REJECTED,
    ProposalStanding.DISMISSED,
)


class Thresholds(FrozenValue):
    """`recommended_from` and `rejected_below` are confidences.

    `unanimous` is how many rejections, if all votes reject, end a proposal of one seat. Findings of the `quiet` categories are at most
    noted.
    """

    recommended_from: float = 0.65
    rejected_below: float = 0.15
    unanimous: int = 2
    quiet: tuple[Category, ...] = (Category.STYLE, Category.DOCS)


def decide_standing(
    proposal: Proposal, cast: Sequence[SeatVote], confidence: float, models: int, thresholds: Thresholds
) -> ProposalStanding:
    """A proposal's standing in a council of this many models; with one, no other seat can confirm. Agreement never changes severity."""
    severity = proposal.finding.severity
    against = sum(vote.stance == Stance.REJECT for vote in cast)
    # A rejection without valid evidence lowers the confidence; by itself it neither rejects nor outvotes.
    refuted = sum(vote.stance == Stance.REJECT and vote.proof is not None for vote in cast)
    backing = len(proposal.supporters) + sum(vote.stance == Stance.CONFIRM for vote in cast)
    if refuted and (confidence < thresholds.rejected_below or (backing == 1 and len(cast) == against >= thresholds.unanimous)):
        # Votes cannot remove what an analyzer reports at that place.
        return ProposalStanding.NOTED if proposal.proven else ProposalStanding.REJECTED
    if proposal.repeats or proposal.finding.context or proposal.finding.category in thresholds.quiet:
        return ProposalStanding.NOTED
    if against and (confidence < thresholds.recommended_from or refuted >= backing):
        return ProposalStanding.DISPUTED
    # Of two models, both must raise it, at least one of them with valid evidence: two are too few for a vote.
    backed = len(proposal.supporters) + sum(vote.stance == Stance.CONFIRM and vote.proof is not None for vote in cast)
    agreed = models != 2 or backed > 1 or bool(proposal.proven)
    if confidence >= thresholds.recommended_from and severity != Severity.LOW and agreed:
        return ProposalStanding.RECOMMENDED
    if backed == 1 and (severity == Severity.CRITICAL or (models == 1 and severity == Severity.HIGH)):
        # One seat is enough for the front if the harm is great, or if no other seat could vote.
        return ProposalStanding.UNCONFIRMED
    return ProposalStanding.NOTED


def standing_reason(proposal: Proposal, cast: Sequence[SeatVote], vendors: int, judged: bool) -> str:
    """The reason: which seats found, confirmed or rejected it. `vendors` raised it; `judged` means that a critique arrived."""
    voters, raised = len(cast), len(proposal.supporters)
    confirmed = sum(vote.stance == Stance.CONFIRM for vote in cast)
    rejections = [vote for vote in cast if vote.stance == Stance.REJECT]
    parts = [f"found by {raised}" + (" of one vendor" if raised > vendors == 1 else "")]
    others = "1 other" if voters == 1 else f"{voters} others"
    if confirmed:
        parts.append(f"confirmed by {confirmed} of {others}")
    if rejections:
        parts.append(f"rejected by {len(rejections)} of {others}")
    if unproven := sum(vote.stance != Stance.UNSURE and vote.proof is None for vote in cast):
        parts.append(f"{unproven} of these votes without evidence")
    if not cast:
        parts.append("not judged by another model" if judged else "no critique round")
    elif not confirmed and not rejections:
        parts.append("the others are unsure")
    if proposal.proven:
        parts.append(f"location named by CI ({proposal.proven})")
    if proposal.finding.context:
        parts.append("about unchanged lines")
    if proposal.repeats:
        parts.append(f"already reported by CI ({proposal.repeats})")
    reason = next((vote.evidence for vote in rejections if vote.evidence), "")
    return ", ".join(parts) + (f": {reason}" if reason else "")
