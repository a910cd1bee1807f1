"""The council's answer to a question: the experts' answers and the ranked solutions."""

from reviewers.values.finding import Discarded
from reviewers.values.solution import Solution
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import (
    Opinion,
    ProposalStanding,
    RankingInputs,
    SeatReport,
    SeatVote,
    Stance,
    Unseen,
    Usage,
)


class Counsel(Opinion):
    """One expert's independent answer: its reading of the question and its solutions.

    `findings` are the solutions in the form that the ranking takes; `cut` names the entries of `dropped` that it saw in part.
    """

    view: str = ""
    cut: tuple[str, ...] = ()
    solutions: tuple[Solution, ...] = ()


class Missing(FrozenValue):
    """Evidence that this kind of question needs and that is missing: its name, and how to get it.

    While an `essential` one is missing, no solution is called likely.
    """

    name: str
    command: str
    essential: bool = False


class RankedSolution(FrozenValue):
    """A solution with its provenance; people refer to it by `number`, 0 for a rejected one. See RankedFinding for the other fields."""

    number: int
    solution: Solution
    standing: ProposalStanding
    confidence: float
    calibrated: bool
    raised_by: tuple[str, ...]
    votes: tuple[SeatVote, ...]
    why: str

    def by(self, stance: Stance) -> tuple[SeatVote, ...]:
        """The votes with this stance."""
        return tuple(vote for vote in self.votes if vote.stance == stance)


class View(FrozenValue):
    """How one expert reads the question, in its own words."""

    seat: str
    text: str


class Advice(FrozenValue):
    """The council's answer to a question, independent of GitHub.

    `summary` says what to do, `plan` lists the steps, `verify` says how to check that it helped, and `settle` what would remove the doubt.
    `incomplete` is "" or the reason why the quorum was missed; `dropped` is context that did not fit.
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
    minutes: RankingInputs | None = None

    @property
    def best(self) -> RankedSolution | None:
        """The first ranked solution that was not rejected."""
        return next((solution for solution in self.ranked if solution.number), None)
