"""Computes how often a seat is right, as a Beta distribution: a general prior, then its record everywhere, then its record here."""

import math

from reviewers.values.value import FrozenValue

_HIGHEST = 2.0
# The weight of the prior.
_UNKNOWN = 20.0


class Outcomes(FrozenValue):
    """Findings of a seat that turned out right (fixed, accepted) and wrong (dismissed)."""

    right: int = 0
    wrong: int = 0

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(right=self.right + other.right, wrong=self.wrong + other.wrong)

    @property
    def n(self) -> int:
        return self.right + self.wrong


class Reliability(FrozenValue):
    """Beta(right, wrong) over a seat's precision; the default is the prior of an unknown seat."""

    right: float = 6.0
    wrong: float = 14.0

    @property
    def mean(self) -> float:
        """The expected precision."""
        return self.right / (self.right + self.wrong)

    @property
    def seen(self) -> float:
        """The number of outcomes beyond the prior of an unknown seat."""
        return max(0.0, self.right + self.wrong - _UNKNOWN)

    def after(self, outcomes: Outcomes) -> "Reliability":
        """The distribution updated by these outcomes."""
        return Reliability(right=self.right + outcomes.right, wrong=self.wrong + outcomes.wrong)

    def worth(self, outcomes: float) -> "Reliability":
        """The same mean, with the weight of at most this many outcomes."""
        scale = min(1.0, outcomes / (self.right + self.wrong))
        return Reliability(right=self.right * scale, wrong=self.wrong * scale)

    def odds(self, prior: "Reliability") -> float:
        """Log-odds by which this seat is better than the prior."""
        return _logit(self.mean) - _logit(prior.mean)


PRIOR = Reliability()


def shrunk_reliability(here: Outcomes, everywhere: Outcomes, prior: Reliability = PRIOR, lean: float = 20.0) -> Reliability:
    """A seat's reliability in a repository.

    Its record everywhere else moves the prior; the result counts as at most `lean` outcomes, which a longer record here outweighs.
    `everywhere` includes `here` and must not count less.
    """
    elsewhere = Outcomes(right=max(0, everywhere.right - here.right), wrong=max(0, everywhere.wrong - here.wrong))
    return prior.after(elsewhere).worth(lean).after(here)


def weight(reliability: Reliability, raised: float, prior: Reliability = PRIOR) -> float:
    """The weight of a seat's voice, 1 for an unknown seat, in [0, 2]; `raised` is the log-odds of an unknown seat's voice."""
    return min(_HIGHEST, max(0.0, 1.0 + reliability.odds(prior) / raised))


def domain(path: str) -> str:
    """The kind of file that a finding is about: its last suffix, or "" if it has none."""
    name = path.rsplit("/", 1)[-1].strip(".")
    return name.rsplit(".", 1)[-1].lower() if "." in name else ""


def _logit(p: float) -> float:
    return math.log(p / (1 - p))
