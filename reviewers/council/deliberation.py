"""Runs a review from start to end: opinions, merge, one round of critique, ranking, summary."""

import asyncio
from collections.abc import Callable, Sequence

from reviewers.context.redaction import redact
from reviewers.context.reviewable import skipped_files
from reviewers.context.snapshot import Snapshot
from reviewers.council.ci_duplicates import mark_ci_duplicates
from reviewers.council.seat_reports import read_coverage, seat_report, speaking_vendor
from reviewers.council.session import LEAST_SECONDS, Council, CouncilSession
from reviewers.council.synthesis import RankedMaterial, Wording, passes_verdict, plain_summary, synthesise
from reviewers.criteria import CriterionResult, Witness, add_notes, decide, read_criteria
from reviewers.seats.seat import Ballot, Seat
from reviewers.seats.structured_query import StructuredQuery
from reviewers.values.brief import Brief
from reviewers.values.changes_since import ChangesSince
from reviewers.values.verdict import Critique, Opinion, Proposal, ProposalStanding, RankedFinding, Usage, Verdict
from reviewers.walkthrough import GroupSummary, summarise

__all__ = ["Council", "deliberate"]

# A pull request without any of these gets a fixed sentence.
_WORTH_WORDS = (ProposalStanding.RECOMMENDED, ProposalStanding.UNCONFIRMED, ProposalStanding.DISPUTED)


Revise = Callable[[Sequence[RankedFinding]], tuple[tuple[RankedFinding, ...], ChangesSince | None]]


def as_ranked(ranked: Sequence[RankedFinding]) -> tuple[tuple[RankedFinding, ...], None]:
    """The ranking unchanged, for a first review."""
    return tuple(ranked), None


async def deliberate(brief: Brief, snapshot: Snapshot, council: Council[Seat], revise: Revise = as_ranked) -> Verdict:
    """The council's verdict on a snapshot. No failure of a seat raises. `revise` compares the ranking with earlier findings."""
    safe = await asyncio.to_thread(redact, snapshot)
    # The choice of seats reads every diff.
    run = await asyncio.to_thread(_Deliberation, brief, safe, council, revise)
    return await run.verdict()


class _Deliberation:
    """The state of one run."""

    def __init__(self, brief: Brief, snapshot: Snapshot, council: Council[Seat], revise: Revise) -> None:
        self._revise = revise
        self._brief = brief.model_copy(update={"criteria": read_criteria(snapshot.linked_issues)})
        self._snapshot = snapshot
        self._council = council
        self._session = CouncilSession(council, () if council.unable else council.seats)

    async def verdict(self) -> Verdict:
        # These read the name and the diff of every file, and a change may have 3,000.
        if unreviewable := await asyncio.to_thread(_nothing_to_review, self._brief, self._snapshot):
            return await asyncio.to_thread(self._unread, unreviewable)
        session = self._session
        opinions = await session.collect_opinions(lambda seat: seat.opine(self._brief, self._snapshot))
        if incomplete := session.quorum_problem(opinions):
            return await asyncio.to_thread(self._close, opinions, (), (), Wording("", (), Usage()), incomplete)
        merged = await asyncio.to_thread(session.merge, opinions)
        proposals = mark_ci_duplicates(merged, self._snapshot.failing_checks)
        critiques = await session.collect_critiques(proposals, opinions, lambda seat, others: seat.critique(self._ballot(others)))
        minutes = session.ranking_inputs(proposals, opinions, critiques)
        ranked, since = await asyncio.to_thread(self._revise, session.rank(minutes))
        words = await self._words(RankedMaterial(ranked, [opinion.changes for opinion in opinions], self._criteria(opinions)))
        closed = await asyncio.to_thread(self._close, opinions, critiques, ranked, words)
        return closed.model_copy(update={"minutes": minutes, "since": since})

    def _unread(self, unreviewable: str) -> Verdict:
        """The verdict on a change without a file to show: no seat is asked, and nothing is paid."""
        return Verdict(
            head_sha=self._snapshot.head_sha,
            ranked=(),
            discarded=(),
            seats=(),
            quorum=0,
            answered=0,
            coverage=read_coverage(self._brief, self._snapshot, ()),
            summary="",
            plan=(),
            usage=Usage(),
            seconds=self._session.elapsed_seconds(),
            unreviewable=unreviewable,
            chosen=self._council.chosen,
        )

    def _ballot(self, proposals: tuple[Proposal, ...]) -> Ballot:
        return Ballot(brief=self._brief, snapshot=self._snapshot, proposals=proposals)

    async def _words(self, material: RankedMaterial) -> Wording:
        seconds = self._session.chair_seconds()
        chair = self._council.chair
        shown = any(finding.standing in _WORTH_WORDS for finding in material.ranked)
        if chair is None or not shown or seconds < LEAST_SECONDS:
            return plain_summary(material.ranked)
        questioning = StructuredQuery(chair, self._council.clock, seconds)
        return await synthesise(chair, self._brief, material, questioning, seconds)

    def _criteria(self, opinions: Sequence[Opinion]) -> tuple[CriterionResult, ...]:
        """The results of the closed issues' criteria, from the seats' answers; analyzers give none."""
        pairs = zip(self._session.seats, opinions, strict=True)
        witnesses = [Witness(seat=seat.name, vendor=speaking_vendor(seat, opinion), words=opinion.criteria) for seat, opinion in pairs]
        return decide(self._brief.criteria, witnesses)

    def _walkthrough(self, opinions: Sequence[Opinion], words: Wording) -> tuple[GroupSummary, ...]:
        """The changes per group, in the chair's words if it wrote any; a line that passes a verdict is ignored."""
        given = [words.changes, *(opinion.changes for opinion in opinions)]
        worded, *lines = ([line for line in spoken if not passes_verdict(line.text)] for spoken in given)
        return summarise(self._brief.groups, lines, worded)

    def _close(
        self,
        opinions: Sequence[Opinion],
        critiques: Sequence[Critique],
        ranked: tuple[RankedFinding, ...],
        words: Wording,
        incomplete: str = "",
    ) -> Verdict:
        session = self._session
        seats = tuple(seat_report(seat, opinion, critiques) for seat, opinion in zip(session.seats, opinions, strict=True))
        voters = [each for seat, each in zip(session.seats, opinions, strict=True) if seat in session.voters]
        return Verdict(
            head_sha=self._snapshot.head_sha,
            ranked=ranked,
            discarded=tuple(discarded for opinion in opinions for discarded in opinion.discarded),
            seats=seats,
            quorum=session.quorum,
            answered=session.count_answered(opinions),
            coverage=read_coverage(self._brief, self._snapshot, voters),
            summary=words.summary,
            plan=words.plan,
            plan_order=words.plan_order,
            walkthrough=self._walkthrough(opinions, words),
            criteria=add_notes(self._criteria(opinions), words.notes),
            usage=sum((seat.usage for seat in seats), words.usage),
            seconds=session.elapsed_seconds(),
            incomplete=incomplete,
            chosen=self._council.chosen,
        )


def _nothing_to_review(brief: Brief, snapshot: Snapshot) -> str:
    """Why no seat is shown any file, or ""."""
    if snapshot.unlisted:
        return ""
    if not snapshot.files:
        return "the change has no file"
    left_out = skipped_files(brief, snapshot.files)
    if len(left_out) < len(snapshot.files):
        return ""
    reasons = list(dict.fromkeys(file.reason for file in left_out))
    return f"no file of this change is reviewed: {', '.join(reasons[:3])}"
