"""How far two seats err alike, and how many independent voices an agreement is worth: change here the prior and what records say."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from reviewers.value import Value

# How many shared errors the prior counts as.
_LEAN = 12.0


class SharedErrors(Value):
    """Of the errors of one seat that another took a side on, how many the other made too."""

    together: int = 0
    seen: int = 0


class Speaker(NamedTuple):
    """A seat as its independence is seen: `errors` are those it shares with others, by their names; `weight` is what its voice counts."""

    seat: str
    vendor: str
    errors: Mapping[str, SharedErrors] = {}
    weight: float = 1.0


class Kinship(Value):
    """The chance that one seat makes an error which another made, before anything is known of the two.

    One study finds nine frontier models to be worth about two voices: 9 / (1 + 8 x .44) = 2.
    Of one vendor a second seat then counts .4 of the first, which is what the shipped ranking was fitted with.
    """

    same_vendor: float = 0.776
    other_vendor: float = 0.44

    def of(self, one: Speaker, other: Speaker) -> float:
        """The dependence of two seats: what their records say, leaning on the prior by vendor."""
        prior = self.same_vendor if one.vendor == other.vendor else self.other_vendor
        shared = one.errors.get(other.seat)
        return prior if shared is None else (shared.together + prior * _LEAN) / (shared.seen + _LEAN)

    def share(self, speaker: Speaker, heard: Sequence[Speaker]) -> float:
        """What a voice adds to those heard before, by its weight: 1 for that of another vendor, in [0, 1]."""
        nearest = max((self.of(speaker, other) for other in heard), default=self.other_vendor)
        return speaker.weight * min(1.0, max(0.0, (1 - nearest) / (1 - self.other_vendor)))

    def effective(self, speakers: Sequence[Speaker]) -> float:
        """How many independent voices they are worth together, from 0 up to their number."""
        if not speakers:
            return 0.0
        pairs = sum(self.of(one, other) for one in speakers for other in speakers if one.seat != other.seat)
        return len(speakers) ** 2 / (len(speakers) + pairs)
