"""Compares two rankings of the same findings."""

from collections.abc import Sequence

from reviewers.values.finding import Finding
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import ProposalStanding, RankedFinding


class Move(FrozenValue):
    """A finding's place, standing and confidence in two rankings; ranks count from 1."""

    short_id: str
    finding: Finding
    rank_was: int
    rank_now: int
    standing_was: ProposalStanding
    standing_now: ProposalStanding
    confidence_was: float
    confidence_now: float

    @property
    def changed(self) -> bool:
        """Whether its place or standing differs; a different confidence alone is no move."""
        return (self.rank_was, self.standing_was) != (self.rank_now, self.standing_now)


def moves(was: Sequence[RankedFinding], now: Sequence[RankedFinding]) -> tuple[Move, ...]:
    """One move per finding, in the new order; both rankings contain the same findings."""
    before = {each.fingerprint: (rank, each) for rank, each in enumerate(was, 1)}
    return tuple(
        Move(
            short_id=each.short_id,
            finding=each.finding,
            rank_was=before[each.fingerprint][0],
            rank_now=rank,
            standing_was=before[each.fingerprint][1].standing,
            standing_now=each.standing,
            confidence_was=before[each.fingerprint][1].confidence,
            confidence_now=each.confidence,
        )
        for rank, each in enumerate(now, 1)
    )
