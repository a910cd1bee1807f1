"""Runs a consultation from start to end: the same council on a question, with solutions in place of findings."""

import asyncio
from collections.abc import Mapping, Sequence

from reviewers.context.dossier_packing import CUT
from reviewers.context.prompt_builder import NO_ROOM
from reviewers.context.redaction import redact_question
from reviewers.council.advice_summary import Advised, advise, plain_advice
from reviewers.council.seat_reports import seat_report
from reviewers.council.session import LEAST_SECONDS, Council, CouncilSession
from reviewers.council.vendor_diversity import diverse_panel, panel_reasons
from reviewers.seats.expert import Expert, ExpertTask
from reviewers.seats.structured_query import StructuredQuery
from reviewers.specialists import SPECIALISTS
from reviewers.values.advice import Advice, Counsel, RankedSolution, View
from reviewers.values.finding import Finding
from reviewers.values.question import Dossier, Inquiry
from reviewers.values.solution import Solution
from reviewers.values.verdict import (
    Critique,
    Opinion,
    Outcome,
    Proposal,
    ProposalStanding,
    RankedFinding,
    Unseen,
    Usage,
)

# Without the evidence that a question needs, no solution is certain, however many seats agree: agreement is not evidence.
UNPROVEN = 0.6


async def consult(inquiry: Inquiry, dossier: Dossier, council: Council[Expert]) -> Advice:
    """The council's advice on a question. No failure of a seat raises."""
    asked, shown = await asyncio.to_thread(redact_question, inquiry, dossier)
    missing = SPECIALISTS[inquiry.specialist].missing(asked, shown)
    return await _Consultation(ExpertTask(inquiry=asked, dossier=shown, missing=missing), council).advice()


class _Consultation:
    """The state of one consultation."""

    def __init__(self, matter: ExpertTask, council: Council[Expert]) -> None:
        self._matter = matter
        self._council = council
        experts = diverse_panel(council.seats)
        self._chosen = panel_reasons(council.seats, experts)
        self._session = CouncilSession(council, [seat for seat in council.seats if seat in experts])

    async def advice(self) -> Advice:
        session = self._session
        opinions = await session.collect_opinions(lambda seat: seat.advise(self._matter))
        if incomplete := session.quorum_problem(opinions):
            return self._close(opinions, (), (), Advised("", (), "", "", Usage()), incomplete)
        solutions = {
            _key(solution.as_finding()): solution for opinion in opinions if isinstance(opinion, Counsel) for solution in opinion.solutions
        }
        proposals = await asyncio.to_thread(session.merge, opinions)
        worded = {proposal.id: solutions[_key(proposal.finding)] for proposal in proposals}
        critiques = await session.collect_critiques(
            proposals, opinions, lambda seat, others: seat.weigh(self._matter, _anonymous(others, worded))
        )
        minutes = session.ranking_inputs(proposals, opinions, critiques)
        ranked = self._numbered(session.rank(minutes), solutions)
        return self._close(opinions, critiques, ranked, await self._words(ranked)).model_copy(update={"minutes": minutes})

    def _numbered(self, ranked: Sequence[RankedFinding], solutions: Mapping[tuple[str, str, str], Solution]) -> tuple[RankedSolution, ...]:
        """The solutions by confidence; rejected ones have no number."""
        unproven = any(missing.essential for missing in self._matter.missing)
        made, number = [], 0
        for finding in ranked:
            rejected = finding.standing is ProposalStanding.REJECTED
            number += not rejected
            made.append(
                RankedSolution(
                    number=0 if rejected else number,
                    solution=solutions[_key(finding.finding)],
                    standing=finding.standing,
                    confidence=min(finding.confidence, UNPROVEN) if unproven else finding.confidence,
                    calibrated=finding.calibrated and not unproven,
                    raised_by=finding.raised_by,
                    votes=finding.votes,
                    why=finding.why,
                )
            )
        return tuple(made)

    async def _words(self, ranked: Sequence[RankedSolution]) -> Advised:
        seconds, chair = self._session.chair_seconds(), self._council.chair
        if chair is None or not any(solution.number for solution in ranked) or seconds < LEAST_SECONDS:
            return plain_advice(ranked)
        return await advise(chair, self._matter.inquiry, ranked, StructuredQuery(chair, self._council.clock, seconds), seconds)

    def _close(
        self,
        opinions: Sequence[Opinion],
        critiques: Sequence[Critique],
        ranked: tuple[RankedSolution, ...],
        words: Advised,
        incomplete: str = "",
    ) -> Advice:
        session = self._session
        seats = tuple(seat_report(seat, opinion, critiques) for seat, opinion in zip(session.seats, opinions, strict=True))
        return Advice(
            specialist=self._matter.inquiry.specialist,
            ranked=ranked,
            discarded=tuple(discarded for opinion in opinions for discarded in opinion.discarded),
            seats=seats,
            views=tuple(View(seat=each.seat, text=each.view) for each in opinions if isinstance(each, Counsel)),
            quorum=session.quorum,
            answered=session.count_answered(opinions),
            summary=words.summary,
            plan=words.plan,
            verify=words.verify,
            settle=words.settle,
            missing=self._matter.missing,
            usage=sum((seat.usage for seat in seats), words.usage),
            seconds=session.elapsed_seconds(),
            dropped=_dropped(opinions, self._matter.dossier),
            incomplete=incomplete,
            chosen=self._chosen,
        )


def _dropped(opinions: Sequence[Opinion], dossier: Dossier) -> tuple[Unseen, ...]:
    """What could not be read, and what did not fit into the prompt of some seat."""
    unread = {unseen.path for unseen in dossier.unread}
    answered = [counsel for counsel in opinions if isinstance(counsel, Counsel) and counsel.outcome is Outcome.ANSWERED]
    names = dict.fromkeys(name for counsel in answered for name in counsel.dropped if name not in unread)
    # The seat that was shown least says what all seats were shown.
    cut = {name for name in names if all(name in counsel.cut or name not in counsel.dropped for counsel in answered)}
    return (*dossier.unread, *(Unseen(path=name, reason=CUT if name in cut else NO_ROOM) for name in names))


def _key(finding: Finding) -> tuple[str, str, str]:
    return finding.seat, finding.title, finding.body


def _anonymous(proposals: Sequence[Proposal], worded: Mapping[str, Solution]) -> tuple[tuple[Proposal, Solution], ...]:
    return tuple((proposal, worded[proposal.id].model_copy(update={"seat": ""})) for proposal in proposals)
