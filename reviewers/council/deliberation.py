"""The story of a council: opinions, merge, one round of critique, rank, words."""

import asyncio
import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reviewers.brief import Brief
from reviewers.context.redaction import redact
from reviewers.context.snapshot import Snapshot
from reviewers.council.calibration import Table
from reviewers.council.merging import MergeRules, merge, pool
from reviewers.council.quiet import repeated
from reviewers.council.ranking import DEFAULT, Rules, again
from reviewers.council.reporting import coverage, report
from reviewers.council.rounds import Deadline, SeatEvent, critiques, opinions, silent
from reviewers.council.selection import select
from reviewers.council.synthesis import Wording, plain, synthesise
from reviewers.models.model import Model
from reviewers.reliability import PRIOR, Reliability
from reviewers.seats.questioning import Questioning
from reviewers.seats.seat import Ballot, Seat
from reviewers.since import Since
from reviewers.verdict import (
    Critique,
    Minutes,
    Opinion,
    Outcome,
    Proposal,
    RankedFinding,
    SeatVote,
    Sitting,
    Stance,
    Standing,
    Usage,
    Verdict,
)

# A critique or synthesis that has less time than this left is not begun.
LEAST_SECONDS = 0.01
CHAIR_SECONDS = 45.0
# A pull request without any of these gets one sentence of ours.
_WORTH_WORDS = (Standing.RECOMMENDED, Standing.UNCONFIRMED, Standing.DISPUTED)


@dataclass(frozen=True)
class Council:
    """Who sits and under which rules; `records` are the seats' reliabilities, the prior where nothing is known.

    `narrow` are those on a kind of defect in a kind of file, by seat.
    """

    seats: tuple[Seat, ...]
    chair: Model | None = None
    quorum: int | None = None
    seat_seconds: float = 120.0
    run_seconds: float = 300.0
    clock: Callable[[], float] = time.monotonic
    progress: Callable[[SeatEvent], None] = silent
    ranker: str = DEFAULT
    rules: Rules = field(default_factory=Rules)
    merging: MergeRules = field(default_factory=MergeRules)
    records: tuple[tuple[str, Reliability], ...] = ()
    narrow: Mapping[str, dict[str, Reliability]] = field(default_factory=dict)
    table: Table | None = None


Revise = Callable[[Sequence[RankedFinding]], tuple[tuple[RankedFinding, ...], Since | None]]


def as_ranked(ranked: Sequence[RankedFinding]) -> tuple[tuple[RankedFinding, ...], None]:
    """The ranking as it is: nothing was said before."""
    return tuple(ranked), None


async def deliberate(brief: Brief, snapshot: Snapshot, council: Council, revise: Revise = as_ranked) -> Verdict:
    """The council's verdict on a snapshot. Never raises for a seat. `revise` holds the ranking against what was said before."""
    safe = await asyncio.to_thread(redact, snapshot)
    # Choosing seats reads every diff.
    run = await asyncio.to_thread(_Deliberation, brief, safe, council, revise)
    return await run.verdict()


class _Deliberation:
    """One run, as far as it has come."""

    def __init__(self, brief: Brief, snapshot: Snapshot, council: Council, revise: Revise) -> None:
        self._revise = revise
        self._brief = brief
        self._snapshot = snapshot
        self._council = council
        self._started = council.clock()
        self._seats, self._chosen = select(council.seats, brief, snapshot)
        models = tuple(seat for seat in self._seats if seat.is_model)
        self._voters = models or self._seats
        wanted = math.ceil(len(self._voters) / 2) if council.quorum is None else council.quorum
        self._quorum = max(1, min(wanted, len(self._voters)))

    async def verdict(self) -> Verdict:
        heard = await opinions(self._seats, lambda seat: seat.opine(self._brief, self._snapshot), self._deadline())
        answered = sum(self._answered(seat, heard) for seat in self._voters)
        if answered < self._quorum:
            reason = f"{answered} of {len(self._voters)} seats answered, {self._quorum} are needed"
            return self._close(heard, (), (), Wording("", (), Usage()), reason if self._voters else "no seat is configured")
        findings = [finding for opinion in heard for finding in opinion.findings]
        merged = await asyncio.to_thread(merge, findings, self._council.merging)
        proposals = repeated(merged, self._snapshot.failing_checks)
        judged = await self._critique(proposals, heard)
        minutes = self._minutes(proposals, heard, judged)
        made = again(minutes, self._council.ranker, self._council.table, self._council.rules)
        ranked, since = await asyncio.to_thread(self._revise, made)
        closed = self._close(heard, judged, ranked, await self._words(ranked))
        return closed.model_copy(update={"minutes": minutes, "since": since})

    async def _critique(self, proposals: Sequence[Proposal], heard: Sequence[Opinion]) -> tuple[Critique, ...]:
        """One round: every model seat that can answer, about what others proposed."""
        models = [seat for seat in self._seats if seat.is_model]
        if not proposals or len(models) < 2:
            return ()
        ballots = []
        for seat in models:
            others = tuple(proposal for proposal in proposals if seat.name not in proposal.supporters)
            if others and self._answered(seat, heard):
                ballots.append((seat, Ballot(brief=self._brief, snapshot=self._snapshot, proposals=_anonymous(others))))
        deadline = self._deadline()
        if deadline.seconds < LEAST_SECONDS:
            return tuple(Critique(seat=seat.name, outcome=Outcome.TIMEOUT, reason="the run had no time left") for seat, _ in ballots)
        return await critiques(ballots, deadline)

    def _minutes(self, proposals: Sequence[Proposal], heard: Sequence[Opinion], judged: Sequence[Critique]) -> Minutes:
        joined, renamed = pool(proposals, judged)
        records = dict(self._council.records)
        said = {opinion.seat: len(opinion.findings) for opinion in heard}
        return Minutes(
            proposals=joined,
            votes=_pooled(joined, renamed, judged),
            sittings=tuple(
                Sitting(
                    seat=seat.name,
                    vendor=seat.vendor,
                    is_model=seat.is_model,
                    record=records.get(seat.name, PRIOR),
                    findings=said.get(seat.name, 0),
                    narrow=self._council.narrow.get(seat.name, {}),
                )
                for seat in self._seats
                if self._answered(seat, heard)
            ),
            critics=tuple(critique.seat for critique in judged if critique.outcome is Outcome.ANSWERED),
        )

    async def _words(self, ranked: Sequence[RankedFinding]) -> Wording:
        seconds = min(CHAIR_SECONDS, self._left())
        chair = self._council.chair
        shown = any(each.standing in _WORTH_WORDS for each in ranked)
        if chair is None or not shown or seconds < LEAST_SECONDS:
            return plain(ranked)
        questioning = Questioning(chair, self._council.clock, seconds)
        return await synthesise(chair, self._brief, ranked, questioning, seconds)

    def _close(
        self, heard: Sequence[Opinion], judged: Sequence[Critique], ranked: tuple[RankedFinding, ...], words: Wording, incomplete: str = ""
    ) -> Verdict:
        seats = tuple(report(seat, opinion, judged) for seat, opinion in zip(self._seats, heard, strict=True))
        return Verdict(
            head_sha=self._snapshot.head_sha,
            ranked=ranked,
            discarded=tuple(discarded for opinion in heard for discarded in opinion.discarded),
            seats=seats,
            quorum=self._quorum,
            answered=sum(self._answered(seat, heard) for seat in self._voters),
            coverage=coverage(
                self._brief, self._snapshot, [each for seat, each in zip(self._seats, heard, strict=True) if seat in self._voters]
            ),
            summary=words.summary,
            plan=words.plan,
            usage=sum((seat.usage for seat in seats), words.usage),
            seconds=self._council.clock() - self._started,
            incomplete=incomplete,
            chosen=self._chosen,
        )

    def _answered(self, seat: Seat, heard: Sequence[Opinion]) -> bool:
        return any(opinion.seat == seat.name and opinion.outcome is Outcome.ANSWERED for opinion in heard)

    def _left(self) -> float:
        return self._started + self._council.run_seconds - self._council.clock()

    def _deadline(self) -> Deadline:
        return Deadline(
            seconds=max(0.0, min(self._council.seat_seconds, self._left())), clock=self._council.clock, progress=self._council.progress
        )


def _anonymous(proposals: tuple[Proposal, ...]) -> tuple[Proposal, ...]:
    """Proposals without their authors: what a critic is not given it cannot leak into a prompt."""
    return tuple(
        Proposal(id=proposal.id, finding=proposal.finding.model_copy(update={"seat": ""}), supporters=()) for proposal in proposals
    )


def _pooled(proposals: Sequence[Proposal], renamed: dict[str, str], judged: Sequence[Critique]) -> dict[str, tuple[SeatVote, ...]]:
    """Votes by proposal. A supporter has no vote on what it raised; a seat at odds with itself is unsure."""
    supporters = {proposal.id: proposal.supporters for proposal in proposals}
    votes: dict[str, dict[str, SeatVote]] = {proposal.id: {} for proposal in proposals}
    for critique in judged:
        for vote in critique.votes:
            name = renamed.get(vote.proposal)
            if name is None or critique.seat in supporters[name]:
                continue
            earlier = votes[name].get(critique.seat)
            stance = vote.stance if earlier is None or earlier.stance == vote.stance else Stance.UNSURE
            votes[name][critique.seat] = SeatVote(seat=critique.seat, stance=stance, evidence=vote.evidence)
    return {name: tuple(cast.values()) for name, cast in votes.items()}
