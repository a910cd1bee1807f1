"""A language model as a member of the council."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from reviewers import prompts
from reviewers.anchoring.anchor import anchor
from reviewers.anchoring.evidence import CitedEvidence, Texts, find_code, find_evidence, with_evidence
from reviewers.context.packing import IN_PART, Packed
from reviewers.context.prompt_builder import NO_ROOM
from reviewers.context.snapshot import Snapshot
from reviewers.criteria import CriterionWord, joined_words
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import (
    ClaimAnswer,
    CriterionAnswer,
    CritiqueAnswer,
    LookingCritiqueAnswer,
    LookingOpinionAnswer,
    LookingOpinionAnswerWithChanges,
    LookingTurnAnswer,
    LookingTurnAnswerWithChanges,
    OpinionAnswer,
    OpinionAnswerWithChanges,
    TurnAnswer,
    TurnAnswerWithChanges,
    VoteAnswer,
    with_criteria,
)
from reviewers.seats.ballots import (
    BallotQuestion,
    answer_notes,
    failed_reading,
    is_too_long,
    label_proposals,
    outcome,
    votes,
)
from reviewers.seats.parts import claim_notes, discard_malformed, joined_critique, joined_opinion
from reviewers.seats.prompt_json import json_lines
from reviewers.seats.repository_looks import LookDesk, ask_looking
from reviewers.seats.seat import Ballot
from reviewers.seats.shared_material import SharedMaterial
from reviewers.seats.structured_query import HostRoom, SeatLimits, StructuredQuery
from reviewers.side_by_side import all_of
from reviewers.values.brief import Brief
from reviewers.values.finding import CitedLine, Discarded, Evidence, Finding, FindingClaim
from reviewers.values.reading import SeatReading
from reviewers.values.verdict import Critique, Opinion, Outcome, Proposal, Usage
from reviewers.walkthrough import lines_of

_MOST_CITED = 6
_MOST_PATHS = 20


@dataclass(frozen=True)
class _Forms:
    """The schema that both rounds share, and those of each round for a host whose cache does not depend on the schema."""

    turn: type[BaseModel]
    opinion: type[BaseModel]
    critique: type[BaseModel]


# By whether the seat may look, and whether there is a walkthrough.
_FORMS = {
    (False, False): _Forms(TurnAnswer, OpinionAnswer, CritiqueAnswer),
    (False, True): _Forms(TurnAnswerWithChanges, OpinionAnswerWithChanges, CritiqueAnswer),
    (True, False): _Forms(LookingTurnAnswer, LookingOpinionAnswer, LookingCritiqueAnswer),
    (True, True): _Forms(LookingTurnAnswerWithChanges, LookingOpinionAnswerWithChanges, LookingCritiqueAnswer),
}


class ModelSeat:
    """Asks its model for findings and for votes; accepts a finding only if its quote is in the change."""

    is_model = True

    def __init__(
        self,
        model: Model,
        clock: Callable[[], float],
        limits: SeatLimits = SeatLimits(),  # noqa: B008 - frozen
        name: str = "",
        shared: SharedMaterial | None = None,
        room: HostRoom | None = None,
    ) -> None:
        """`shared` is the council's, `room` that of the model's host."""
        self.name = name or model.name
        self.vendor = model.vendor
        self._model = model
        self._clock = clock
        self._limits = limits
        self._shared = shared or SharedMaterial()
        self._room = room or HostRoom()
        self.queues = self._room.slot is not None
        self._shrunk = False
        self._split: tuple[Snapshot, tuple[Packed, ...]] | None = None

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        """Read the snapshot, blind to the other seats; a very large one in parts, concurrently."""
        try:
            return await self._opine(brief, snapshot)
        finally:
            self._shared.answered()

    async def _opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        parts = await self._parts(brief, snapshot)
        unseen = tuple(each.path for each in parts[0].unseen if each.reason in (NO_ROOM, IN_PART))
        if not any(packed.files or packed.shown for packed in parts):
            if unseen:
                return Opinion(seat=self.name, outcome=Outcome.ABSTAINED, reason="no changed file fits into its prompt", unseen=unseen)
            return Opinion(seat=self.name, outcome=Outcome.ANSWERED, reason="it has no changed file to read")
        read = await all_of(self._read(brief, snapshot, packed) for packed in parts)
        joined = joined_opinion([opinion for opinion, _ in read], [packed.files for packed in parts], unseen)
        if self._shrink(too_long for _, too_long in read):
            again = await self._opine(brief, snapshot)
            return again.model_copy(update={"usage": joined.usage + again.usage, "seconds": joined.seconds + again.seconds})
        return joined

    async def critique(self, ballot: Ballot) -> Critique:
        """Judge the proposals of others, under labels and in an order specific to this seat; each with the part that contains its file."""
        judged = await self._judged(ballot)
        if self._shrink(too_long for _, too_long in judged):
            judged = [*judged, *await self._judged(ballot)]
            answered = [part for part in judged if not part[1]]
            spent = sum((critique.usage for critique, too_long in judged if too_long), Usage())
            joined = joined_critique(self.name, [critique for critique, _ in answered or judged])
            return joined.model_copy(update={"usage": joined.usage + spent}) if answered else joined
        return joined_critique(self.name, [critique for critique, _ in judged])

    async def _judged(self, ballot: Ballot) -> list[tuple[Critique, bool]]:
        """A critique of each part, and whether its prompt was too long."""
        parts = await self._parts(ballot.brief, ballot.snapshot)
        turns: dict[int, list[Proposal]] = {}
        for proposal in ballot.proposals:
            path = proposal.finding.location.path
            at = next((index for index, packed in enumerate(parts) if path in packed.files), 0)
            turns.setdefault(at, []).append(proposal)
        return await all_of(self._judge(ballot, parts[at], turns[at]) for at in sorted(turns))

    def _shrink(self, too_long: Iterable[bool]) -> bool:
        """Whether to pack again, smaller, because a prompt did not fit; once."""
        if self._shrunk or not any(too_long):
            return False
        self._limits, self._split, self._shrunk = self._limits.smaller(), None, True
        return True

    async def _parts(self, brief: Brief, snapshot: Snapshot) -> tuple[Packed, ...]:
        """Both rounds read the same parts."""
        if self._split is None or self._split[0] is not snapshot:
            if not self._shrunk:
                self._limits = await self._room.limits(self._limits)
            limits = self._limits
            self._split = snapshot, await self._shared.split(brief, snapshot, self.name, limits.context_tokens, limits.parts)
        return self._split[1]

    async def _read(self, brief: Brief, snapshot: Snapshot, packed: Packed) -> tuple[Opinion, bool]:
        """The opinion on a part, and whether the prompt was too long."""
        questioning = StructuredQuery(self._model, self._clock, self._limits.seconds, self._room.slot)
        desk = LookDesk(self._shared.repository, self._limits.looks, "opinion")
        request = self._request("opinion", brief, packed, _question(brief, packed), desk)
        try:
            answer = await ask_looking(questioning, request, _read_opinion, desk)
        except (ModelError, parsing.Unusable) as error:
            failed = Opinion(
                seat=self.name,
                outcome=outcome(error),
                reason=str(error),
                usage=questioning.usage,
                seconds=questioning.seconds(),
                reading=failed_reading(error, questioning, "findings"),
                looks=tuple(desk.records),
            )
            return failed, is_too_long(error)
        cited = [line.path for claim in answer.good for line in claim.evidence]
        elsewhere = await desk.texts([*cited, *(word.path for word in answer.criteria)])
        claims = [_claim(claim) for claim in answer.good]
        checked = await asyncio.to_thread(
            lambda: [with_evidence(anchor(self.name, claim, snapshot), claim, snapshot, elsewhere) for claim in claims]
        )
        words = await asyncio.to_thread(_criteria, answer.criteria, brief, snapshot, elsewhere)
        findings = tuple(claim for claim in checked if isinstance(claim, Finding))
        discarded = (*(claim for claim in checked if isinstance(claim, Discarded)), *discard_malformed(self.name, answer.malformed))
        opinion = Opinion(
            seat=self.name,
            outcome=Outcome.ANSWERED,
            findings=findings,
            discarded=discarded,
            usage=questioning.usage,
            seconds=questioning.seconds(),
            reason=questioning.reason,
            through=questioning.through,
            dropped=tuple(unseen.path for unseen in packed.dropped),
            looks=tuple(desk.records),
            criteria=words,
            changes=lines_of(((line.group, line.text) for line in answer.changes), brief.groups),
            reading=SeatReading(notes=(*questioning.notes, *answer_notes(answer, "findings"), *claim_notes(findings, discarded))),
        )
        return opinion, False

    async def _judge(self, ballot: Ballot, packed: Packed, proposals: list[Proposal]) -> tuple[Critique, bool]:
        snapshot, labels = ballot.snapshot, label_proposals(f"{ballot.brief.seed}:{self.name}", proposals)
        rows = json_lines(
            {
                "label": name,
                "title": proposal.finding.title,
                "path": proposal.finding.location.path,
                "line": proposal.finding.location.start_line or proposal.finding.location.line,
                "severity": str(proposal.finding.severity),
                "quote": proposal.finding.quote,
                "body": proposal.finding.body,
            }
            for name, proposal in labels.items()
        )
        desk = LookDesk(self._shared.repository, self._limits.looks, "critique")

        def check(vote: VoteAnswer, proposal: Proposal, texts: Texts) -> Evidence | None:
            return find_evidence(
                CitedEvidence(vote.stance, vote.evidence, vote.path, vote.line, vote.quote), proposal.finding, snapshot, texts
            )

        questioning = StructuredQuery(self._model, self._clock, self._limits.seconds, self._room.slot)
        request = self._request("critique", ballot.brief, packed, prompts.render("critique", proposals=rows), desk)
        return await votes(self.name, questioning, BallotQuestion(request, labels, check, desk))

    def _request(self, purpose: Literal["opinion", "critique"], brief: Brief, packed: Packed, prompt: str, desk: LookDesk) -> ModelRequest:
        """Both rounds have the same prefix and, except for local hosts, the same schema."""
        first = purpose == "opinion"
        form = _FORMS[desk.is_open, bool(brief.groups)]
        if desk.is_open:
            prompt = f"{prompt}\n\n{desk.instructions(purpose)}"
        return ModelRequest(
            purpose=purpose,
            system=prompts.text("system"),
            prefix=packed.text,
            prompt=prompt,
            answer=with_criteria(form.turn) if brief.criteria else form.turn,
            own_answer=(with_criteria(form.opinion) if brief.criteria else form.opinion) if first else form.critique,
            max_output_tokens=self._limits.opinion_tokens if first else self._limits.critique_tokens,
            seconds=self._limits.seconds,
        )


def _question(brief: Brief, packed: Packed) -> str:
    """The question of the first round, with the part's groups of files and the criteria, if there are any."""
    question = prompts.render("opinion", language=brief.language)
    held: list[dict[str, str | int | None]] = [
        {"group": number, "name": group.name, "paths": ", ".join(group.paths[:_MOST_PATHS])}
        for number, group in enumerate(brief.groups, 1)
        if set(group.paths) & set(packed.files)
    ]
    if held:
        question += f"\n\n{prompts.render('walkthrough', groups=json_lines(held), language=brief.language)}"
    if brief.criteria:
        rows = json_lines({"criterion": number, "text": each.text} for number, each in enumerate(brief.criteria, 1))
        question += f"\n\n{prompts.render('criteria', criteria=rows)}"
    return question


def _criteria(answers: Sequence[CriterionAnswer], brief: Brief, snapshot: Snapshot, elsewhere: Texts) -> tuple[CriterionWord, ...]:
    """The seat's answers on the requested criteria, each with a line only if it really exists."""
    return joined_words(
        CriterionWord(
            criterion=answer.criterion,
            status=answer.status,
            proof=find_code(CitedLine(path=answer.path, quote=answer.quote, line=answer.line or None), snapshot, elsewhere),
        )
        for answer in answers[: 2 * len(brief.criteria)]
        if 1 <= answer.criterion <= len(brief.criteria)
    )


def _read_opinion(response: ModelResponse) -> parsing.ParsedItems[ClaimAnswer]:
    return parsing.opinion(response.text, response.truncated)


def _claim(answer: ClaimAnswer) -> FindingClaim:
    return FindingClaim(
        title=" ".join(answer.title.split())[:200],
        body=answer.body.strip()[:4_000],
        severity=answer.severity,
        category=answer.category,
        path=answer.path,
        quote=answer.quote,
        line=answer.line if answer.line > 0 else None,
        suggestion=answer.suggestion or None,
        evidence=tuple(CitedLine(path=cited.path, quote=cited.quote, line=cited.line or None) for cited in answer.evidence[:_MOST_CITED]),
    )
