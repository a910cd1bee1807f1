"""The answers of the seats, and the council's verdict on them."""

from enum import StrEnum

from pydantic import Field

from reviewers.criteria import CriterionResult, CriterionWord
from reviewers.learning.independence import SharedErrors
from reviewers.learning.reliability import PRIOR, Reliability
from reviewers.values.changes_since import ChangesSince
from reviewers.values.finding import Discarded, Evidence, Finding
from reviewers.values.look_record import LookRecord
from reviewers.values.reading import SeatReading
from reviewers.values.value import FrozenValue
from reviewers.walkthrough import GroupLine, GroupSummary


class Usage(FrozenValue):
    """The usage of one or more model calls; `cost_usd` is None if a price is unknown."""

    calls: int = 0
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    cost_usd: float | None = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        cost = None if self.cost_usd is None or other.cost_usd is None else self.cost_usd + other.cost_usd
        return Usage(
            calls=self.calls + other.calls,
            input_tokens=self.input_tokens + other.input_tokens,
            cached_tokens=self.cached_tokens + other.cached_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cost_usd=cost,
        )


class Outcome(StrEnum):
    """How a seat's turn ended."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    TIMEOUT = "timed out"
    REFUSED = "refused to answer"
    UNUSABLE = "gave an unusable answer"
    UNAVAILABLE = "was unavailable"
    MISCONFIGURED = "is misconfigured"
    OVER_BUDGET = "was over budget"


class Opinion(FrozenValue):
    """One seat's independent opinion: findings with evidence, discarded claims, and how its turn ended.

    `unseen` are the changed files that it was not shown whole, `dropped` the blocks of context that did not fit into its prompts.
    `through` is the model string that really answered, if not the seat's own. `reading` says how much of it counts,
    `looks` what it looked at in the repository, `changes` what each group of files does, `criteria` its answers on the closed issues.
    """

    seat: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    discarded: tuple[Discarded, ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    reason: str = ""
    unseen: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    through: str = ""
    reading: SeatReading = SeatReading()
    looks: tuple[LookRecord, ...] = ()
    changes: tuple[GroupLine, ...] = ()
    criteria: tuple[CriterionWord, ...] = ()


class Stance(StrEnum):
    CONFIRM = "confirm"
    REJECT = "reject"
    UNSURE = "unsure"


class Vote(FrozenValue):
    """A critic's stance on one proposal, named by the proposal's id; `proof` is None if none of its quotes holds."""

    proposal: str
    stance: Stance
    evidence: str
    proof: Evidence | None = None


class Critique(FrozenValue):
    """One critic's votes on the proposals of others, and the pairs that it considers the same issue; other fields as in Opinion."""

    seat: str
    outcome: Outcome
    votes: tuple[Vote, ...] = ()
    same: tuple[tuple[str, str], ...] = ()
    usage: Usage = Usage()
    seconds: float = 0.0
    reason: str = ""
    through: str = ""
    reading: SeatReading = SeatReading()
    looks: tuple[LookRecord, ...] = ()


class Traits(FrozenValue):
    """The surroundings of a proposal: how many findings it consists of, and similarities in [0, 1].

    `echo` sums, over the seats that do not word it, the similarity of their nearest finding. `cohesion` is the mean among its own findings;
    `nearest` and `nearest_larger` are the mean to the nearest other proposal, and to the nearest one that more seats raised.
    """

    size: int = 1
    echo: float = 0.0
    cohesion: float = 0.0
    nearest: float = 0.0
    nearest_larger: float = 0.0


class Proposal(FrozenValue):
    """Findings that describe the same defect, under one id; `finding` is one seat's wording, verbatim.

    `repeats` names the failing check that already reports it, or is ""; `proven` the check whose log or annotation names its place, or is
    "".
    """

    id: str
    finding: Finding
    supporters: tuple[str, ...]
    traits: Traits = Traits()
    repeats: str = ""
    proven: str = ""


class ProposalStanding(StrEnum):
    """Where a proposal ended."""

    RECOMMENDED = "recommended"
    UNCONFIRMED = "unconfirmed"
    NOTED = "also noted"
    DISPUTED = "disputed"
    REJECTED = "rejected"
    DISMISSED = "dismissed"


class SeatVote(FrozenValue):
    """A seat's vote on a proposal: `evidence` in its words, `proof` the line that it cites, or None if none of its quotes holds."""

    seat: str
    stance: Stance
    evidence: str
    proof: Evidence | None = None


class SeatFacts(FrozenValue):
    """A seat for the ranking: `record` is its reliability, `findings` how many it raised.

    `narrow` is its reliability on a kind of defect in a kind of file, under "category/suffix", if there is a record of that.
    `errors` are those that it shares with other seats, by their names, if there is a record of that.
    `weight` is .5 if models of its vendor wrote the change, else 1.
    """

    seat: str
    vendor: str
    is_model: bool = True
    record: Reliability = PRIOR
    findings: int = 0
    narrow: dict[str, Reliability] = Field(default_factory=dict)
    errors: dict[str, SharedErrors] = Field(default_factory=dict)
    weight: float = 1.0


class RankingInputs(FrozenValue):
    """Everything that was ranked: enough to rank it again, by another method or table, without any model call.

    `votes` are by the proposal's id; `critics` are the seats whose critique arrived.
    """

    proposals: tuple[Proposal, ...] = ()
    votes: dict[str, tuple[SeatVote, ...]] = Field(default_factory=dict)
    sittings: tuple[SeatFacts, ...] = ()
    critics: tuple[str, ...] = ()


class RankedFinding(FrozenValue):
    """A finding with its provenance, standing and confidence.

    `confidence` is in [0, 1]; it is shown as a percentage only if `calibrated`. `score` is its rank value before calibration, which
    makes many values equal; None in verdicts stored before it was kept.
    `fingerprint` is the hash of path, symbol, normalized quote and category; `short_id` (4+ hex) is its prefix, unique in the verdict.
    `effective_voices` is how many independent voices those that raised or confirmed it are worth; None in older verdicts.
    `why` gives the reason for its standing in one clause. `was` is the former standing of a dismissed one.
    """

    finding: Finding
    standing: ProposalStanding
    confidence: float
    calibrated: bool
    raised_by: tuple[str, ...]
    votes: tuple[SeatVote, ...]
    why: str
    fingerprint: str
    short_id: str
    was: ProposalStanding | None = None
    score: float | None = None
    effective_voices: float | None = None

    def by(self, stance: Stance) -> tuple[SeatVote, ...]:
        """The votes with this stance."""
        return tuple(vote for vote in self.votes if vote.stance == stance)

    @property
    def unproven(self) -> tuple[SeatVote, ...]:
        """The votes that took a side without valid evidence."""
        return tuple(vote for vote in self.votes if vote.stance is not Stance.UNSURE and vote.proof is None)


class SeatReport(FrozenValue):
    """One seat's part in a run. `vendor` is that of the model that answered, `through` its name if it is not the seat's own.

    `reading` says how much of its prompt and its first answer counted; `reason` says that in words, and how its critique ended.
    `looks` are those of both rounds, in order.
    """

    seat: str
    vendor: str
    is_model: bool
    opinion: Outcome
    critique: Outcome
    findings: int
    usage: Usage
    seconds: float
    reason: str = ""
    through: str = ""
    reading: SeatReading = SeatReading()
    looks: tuple[LookRecord, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether it read everything that it was sent and answered in full, so that no finding means that it found nothing."""
        return self.opinion is Outcome.ANSWERED and self.reading.complete


class Unseen(FrozenValue):
    """A file, or a part of one, that some or all seats did not see."""

    path: str
    reason: str


class Coverage(FrozenValue):
    """Which files were read: `seen` of `files` were shown whole to all seats that answered; `dropped` is context that some did not get."""

    files: int
    seen: int
    unseen: tuple[Unseen, ...] = ()
    dropped: tuple[Unseen, ...] = ()


class Verdict(FrozenValue):
    """The council's answer to a review brief, independent of GitHub.

    `incomplete` is "" or the reason why the quorum was missed; `unreviewable` is "" or the reason why there is nothing to review.
    `chosen` gives the reasons for the choice of seats.
    `plan_order` says why the steps of the plan depend on their order; "" if any order will do.
    `walkthrough` says what changes per group of files, if it was requested.
    `criteria` says which acceptance criteria of the closed issues are met, if these have any.
    `minutes` is None in verdicts stored before they were kept; `since` is None in the first verdict on a pull request.
    """

    head_sha: str
    ranked: tuple[RankedFinding, ...]
    discarded: tuple[Discarded, ...]
    seats: tuple[SeatReport, ...]
    quorum: int
    answered: int
    coverage: Coverage
    summary: str
    plan: tuple[str, ...]
    usage: Usage
    seconds: float
    incomplete: str = ""
    unreviewable: str = ""
    chosen: tuple[str, ...] = ()
    plan_order: str = ""
    walkthrough: tuple[GroupSummary, ...] = ()
    criteria: tuple[CriterionResult, ...] = ()
    minutes: RankingInputs | None = None
    since: ChangesSince | None = None

    def standing(self, *wanted: ProposalStanding) -> tuple[RankedFinding, ...]:
        """The ranked findings with the given standings, best first."""
        return tuple(ranked for ranked in self.ranked if ranked.standing in wanted)

    @property
    def voters(self) -> tuple[SeatReport, ...]:
        """The seats that count for the quorum: the models, or all seats if there is no model."""
        return tuple(seat for seat in self.seats if seat.is_model) or self.seats

    @property
    def conclusive(self) -> bool:
        """Whether a quorum of seats read everything, so that a defect that was not found can be called absent."""
        return not self.incomplete and not self.unreviewable and sum(seat.complete for seat in self.voters) >= self.quorum
