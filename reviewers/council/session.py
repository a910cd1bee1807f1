"""Runs one council session on any task: collects opinions, checks the quorum, runs one critique round, tracks the time left."""

import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from reviewers.council.calibration import Table
from reviewers.council.merging import MergeRules, merge, pool
from reviewers.council.ranking import DEFAULT, Rules, rerank
from reviewers.council.rounds import Deadline, SeatEvent, ask_critiques, ask_opinions, no_progress
from reviewers.council.seat_reports import speaking_vendor
from reviewers.learning.independence import SharedErrors
from reviewers.learning.reliability import PRIOR, Reliability
from reviewers.models.model import Model
from reviewers.seats.seat import Member
from reviewers.values.finding import Finding
from reviewers.values.verdict import (
    Critique,
    Opinion,
    Outcome,
    Proposal,
    RankedFinding,
    RankingInputs,
    SeatFacts,
    SeatVote,
    Stance,
)

# A critique or synthesis with less time left than this is not started.
LEAST_SECONDS = 0.01
# The share of a seat's time: the chair reads a short list and writes a few sentences.
CHAIR_SHARE = 0.375
AUTHOR_WEIGHT = 0.5
M = TypeVar("M", bound=Member)


@dataclass(frozen=True)
class Council(Generic[M]):
    """The seats and rules of a council; `records` are the seats' track records, the prior if unknown.

    `narrow` are those on a kind of defect in a kind of file, by seat; `errors` are the errors that two seats share, by both seats.

    `chosen` gives the reasons for the choice; `unable` says why no seat can be chosen, or is "". `author_vendor` is the vendor whose models
    wrote the change, or "".
    """

    seats: tuple[M, ...]
    chair: Model | None = None
    quorum: int | None = None
    seat_seconds: float = 120.0
    run_seconds: float = 300.0
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[SeatEvent], None] = no_progress
    ranker: str = DEFAULT
    rules: Rules = field(default_factory=Rules)
    merging: MergeRules = field(default_factory=MergeRules)
    records: tuple[tuple[str, Reliability], ...] = ()
    narrow: Mapping[str, dict[str, Reliability]] = field(default_factory=dict)
    errors: Mapping[str, Mapping[str, SharedErrors]] = field(default_factory=dict)
    table: Table | None = None
    chosen: tuple[str, ...] = ()
    unable: str = ""
    author_vendor: str = ""


class CouncilSession(Generic[M]):
    """The state of one session with the seats chosen from a council."""

    def __init__(self, council: Council[M], seats: Sequence[M]) -> None:
        self.seats = tuple(seats)
        self._council = council
        self._started = council.clock()
        models = tuple(seat for seat in self.seats if seat.is_model)
        self.voters = models or self.seats
        wanted = math.ceil(len(self.voters) / 2) if council.quorum is None else council.quorum
        self.quorum = max(1, min(wanted, len(self.voters)))

    async def collect_opinions(self, ask: Callable[[M], Awaitable[Opinion]]) -> tuple[Opinion, ...]:
        """Every seat's opinion, blind to the others."""
        return await ask_opinions(self.seats, ask, self._deadline())

    def count_answered(self, opinions: Sequence[Opinion]) -> int:
        """How many of the seats that count for the quorum have an opinion."""
        return sum(_has_answered(seat, opinions) for seat in self.voters)

    def quorum_problem(self, opinions: Sequence[Opinion]) -> str:
        """Why the quorum was missed, or ""."""
        answered = self.count_answered(opinions)
        if answered >= self.quorum:
            return ""
        reason = f"{answered} of {len(self.voters)} seats answered, {self.quorum} are needed"
        return reason if self.voters else self._council.unable or "no seat is configured"

    def merge(self, opinions: Sequence[Opinion]) -> tuple[Proposal, ...]:
        """The proposals of all seats, similar ones merged."""
        findings: list[Finding] = [finding for opinion in opinions for finding in opinion.findings]
        return merge(findings, self._council.merging)

    async def collect_critiques(
        self,
        proposals: Sequence[Proposal],
        opinions: Sequence[Opinion],
        judging: Callable[[M, tuple[Proposal, ...]], Awaitable[Critique]],
    ) -> tuple[Critique, ...]:
        """One critique round: every model seat that can answer votes on what others proposed."""
        models = [seat for seat in self.seats if seat.is_model]
        if not proposals or len(models) < 2:
            return ()
        ballots = []
        for seat in models:
            others = tuple(proposal for proposal in proposals if seat.name not in proposal.supporters)
            if others and _has_answered(seat, opinions):
                ballots.append((seat, _anonymous(others)))
        deadline = self._deadline()
        if deadline.seconds < LEAST_SECONDS:
            return tuple(Critique(seat=seat.name, outcome=Outcome.TIMEOUT, reason="the run had no time left") for seat, _ in ballots)
        return await ask_critiques([(seat, judging(seat, others)) for seat, others in ballots], deadline)

    def ranking_inputs(self, proposals: Sequence[Proposal], opinions: Sequence[Opinion], critiques: Sequence[Critique]) -> RankingInputs:
        """Everything that the ranking needs."""
        joined, renamed = pool(proposals, critiques)
        records = dict(self._council.records)
        said = {opinion.seat: opinion for opinion in opinions}
        return RankingInputs(
            proposals=joined,
            votes=_pooled(joined, renamed, critiques),
            sittings=tuple(
                SeatFacts(
                    seat=seat.name,
                    vendor=speaking_vendor(seat, said[seat.name]),
                    is_model=seat.is_model,
                    record=records.get(seat.name, PRIOR),
                    findings=len(said[seat.name].findings),
                    narrow=self._council.narrow.get(seat.name, {}),
                    errors=dict(self._council.errors.get(seat.name, {})),
                    weight=self._weight(seat, said[seat.name]),
                )
                for seat in self.seats
                if _has_answered(seat, opinions)
            ),
            critics=tuple(critique.seat for critique in critiques if critique.outcome is Outcome.ANSWERED),
        )

    def _weight(self, seat: M, opinion: Opinion) -> float:
        """A voice's weight: half if models of its vendor wrote the change, because a model overlooks and defends what it would write."""
        return AUTHOR_WEIGHT if seat.is_model and speaking_vendor(seat, opinion) == self._council.author_vendor else 1.0

    def rank(self, minutes: RankingInputs) -> tuple[RankedFinding, ...]:
        """The proposals, best first."""
        return rerank(minutes, self._council.ranker, self._council.table, self._council.rules)

    def elapsed_seconds(self) -> float:
        """The seconds since the session began."""
        return self._council.clock() - self._started

    def chair_seconds(self) -> float:
        """The seconds left for the summary."""
        return min(CHAIR_SHARE * self._council.seat_seconds, self._left())

    def _left(self) -> float:
        return self._council.run_seconds - self.elapsed_seconds()

    def _deadline(self) -> Deadline:
        left = max(0.0, self._left())
        return Deadline(
            seconds=min(self._council.seat_seconds, left), clock=self._council.clock, progress=self._council.progress, longest=left
        )


def _has_answered(seat: Member, opinions: Sequence[Opinion]) -> bool:
    return any(opinion.seat == seat.name and opinion.outcome is Outcome.ANSWERED for opinion in opinions)


def _anonymous(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Proposals without their authors, so that no prompt can reveal them to a critic."""
    return tuple(
        Proposal(id=proposal.id, finding=proposal.finding.model_copy(update={"seat": ""}), supporters=()) for proposal in proposals
    )


def _pooled(proposals: Sequence[Proposal], renamed: dict[str, str], critiques: Sequence[Critique]) -> dict[str, tuple[SeatVote, ...]]:
    """Votes by proposal. A supporter has no vote on its own proposal; a seat with contradicting votes is unsure."""
    supporters = {proposal.id: proposal.supporters for proposal in proposals}
    votes: dict[str, dict[str, SeatVote]] = {proposal.id: {} for proposal in proposals}
    for critique in critiques:
        for vote in critique.votes:
            name = renamed.get(vote.proposal)
            if name is None or critique.seat in supporters[name]:
                continue
            earlier = votes[name].get(critique.seat)
            stance = vote.stance if earlier is None or earlier.stance == vote.stance else Stance.UNSURE
            votes[name][critique.seat] = SeatVote(seat=critique.seat, stance=stance, evidence=vote.evidence, proof=vote.proof)
    return {name: tuple(cast.values()) for name, cast in votes.items()}
