"""Change here how similar the errors of two seats are assumed to be, and how many independent voices an agreement is worth."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.values.value import FrozenValue

# The number of shared errors that the prior counts as.
_LEAN = 12.0


class SharedErrors(FrozenValue):
    """Of one seat's errors on which another seat took a side, how many the other seat made too."""

    together: int = 0
    seen: int = 0


class Speaker(NamedTuple):
    """A seat in terms of its independence: `errors` are those it shares with others, by their names; `weight` is its voice's."""

    seat: str
    vendor: str
    errors: Mapping[str, SharedErrors] = {}
    weight: float = 1.0


class Kinship(FrozenValue):
    """The prior chance that one seat makes an error that another seat made.

    One study finds nine frontier models to be worth about two voices: 9 / (1 + 8 x .44) = 2.
    A second seat of one vendor then counts .4 of the first, the value that the shipped ranking was fitted with.
    """

    same_vendor: float = 0.776
    other_vendor: float = 0.44

    def of(self, one: Speaker, other: Speaker) -> float:
        """The dependence of two seats: from their records, with the prior by vendor."""
        prior = self.same_vendor if one.vendor == other.vendor else self.other_vendor
        shared = one.errors.get(other.seat)
        return prior if shared is None else (shared.together + prior * _LEAN) / (shared.seen + _LEAN)

    def share(self, speaker: Speaker, heard: Sequence[Speaker]) -> float:
        """The share that a voice adds to earlier ones, in [0, 1], times its weight; 1 if it is as independent as another vendor's."""
        nearest = max((self.of(speaker, other) for other in heard), default=self.other_vendor)
        return speaker.weight * min(1.0, max(0.0, (1 - nearest) / (1 - self.other_vendor)))

    def effective(self, speakers: Sequence[Speaker]) -> float:
        """The number of independent voices that they are worth together, from 0 up to their number."""
        if not speakers:
            return 0.0
        pairs = sum(self.of(one, other) for one in speakers for other in speakers if one.seat != other.seat)
        return len(speakers) ** 2 / (len(speakers) + pairs)
