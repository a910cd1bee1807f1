"""What a council makes of a question."""

from reviewers.finding import Discarded
from reviewers.solution import Solution
from reviewers.value import Value
from reviewers.verdict import Minutes, Opinion, SeatReport, SeatVote, Stance, Standing, Unseen, Usage


class Counsel(Opinion):
    """One expert's independent answer: how it reads the question, and what it proposes.

    `findings` are its solutions as the ranking sees them; `cut` is what of `dropped` it was shown in part.
    """

    view: str = ""
    cut: tuple[str, ...] = ()
    solutions: tuple[Solution, ...] = ()


class Missing(Value):
    """Evidence that this kind of question needs and nobody gave: its name, and how to get it.

    Without an `essential` one no solution is called likely.
    """

    name: str
    command: str
    essential: bool = False


class RankedSolution(Value):
    """A solution with its provenance; `number` is what people call it by, 0 for a rejected one. See RankedFinding for the rest."""

    number: int
    solution: Solution
    standing: Standing
    confidence: float
    calibrated: bool
    raised_by: tuple[str, ...]
    votes: tuple[SeatVote, ...]
    why: str

    def by(self, stance: Stance) -> tuple[SeatVote, ...]:
        """The votes of one stance."""
        return tuple(vote for vote in self.votes if vote.stance == stance)


class View(Value):
    """How one expert read the question, in its own words."""

    seat: str
    text: str


class Advice(Value):
    """The council's answer to a question, complete without GitHub.

    `summary` says what to do, `plan` in which steps, `verify` how to see that it helped and `settle` what would settle the doubt.
    `incomplete` is "" or the reason why quorum was missed; `dropped` is context that did not fit.
    """

    specialist: str
    ranked: tuple[RankedSolution, ...]
    discarded: tuple[Discarded, ...]
    seats: tuple[SeatReport, ...]
    views: tuple[View, ...]
    quorum: int
    answered: int
    summary: str
    plan: tuple[str, ...]
    verify: str
    settle: str
    missing: tuple[Missing, ...]
    usage: Usage
    seconds: float
    dropped: tuple[Unseen, ...] = ()
    incomplete: str = ""
    chosen: tuple[str, ...] = ()
    minutes: Minutes | None = None

    @property
    def best(self) -> RankedSolution | None:
        """The first of the ranked solutions that was not rejected."""
        return next((each for each in self.ranked if each.number), None)
