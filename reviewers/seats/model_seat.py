"""A language model as a member of the council."""

import asyncio
import random
from collections.abc import Callable

from reviewers import prompts
from reviewers.anchoring import anchor
from reviewers.brief import Brief
from reviewers.context.packing import IN_PART, Packed, split
from reviewers.context.page import NO_ROOM
from reviewers.context.snapshot import Snapshot
from reviewers.finding import Claim, Discarded, Finding
from reviewers.models.model import Fault, Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import ClaimAnswer, CritiqueAnswer, OpinionAnswer
from reviewers.seats.listing import json_lines, label
from reviewers.seats.parts import joined_critique, joined_opinion
from reviewers.seats.questioning import Limits, Questioning
from reviewers.seats.seat import Ballot
from reviewers.verdict import Critique, Opinion, Outcome, Proposal, Vote

_OUTCOMES = {
    Fault.TIMEOUT: Outcome.TIMEOUT,
    Fault.RATE_LIMITED: Outcome.UNAVAILABLE,
    Fault.UNAVAILABLE: Outcome.UNAVAILABLE,
    Fault.REFUSED: Outcome.REFUSED,
    Fault.MISCONFIGURED: Outcome.MISCONFIGURED,
    Fault.OVER_BUDGET: Outcome.OVER_BUDGET,
}


class ModelSeat:
    """Asks its model for findings and for votes; believes a finding only where its quote stands in the change."""

    is_model = True

    def __init__(
        self,
        model: Model,
        clock: Callable[[], float],
        limits: Limits = Limits(),  # noqa: B008 - frozen
        name: str = "",
        turn: asyncio.Lock | None = None,
    ) -> None:
        """`turn` is shared by the seats of a council: they pack one after the other, for what the first has parsed the others find."""
        self.name = name or model.name
        self.vendor = model.vendor
        self._model = model
        self._clock = clock
        self._limits = limits
        self._turn = turn or asyncio.Lock()
        self._split: tuple[Snapshot, tuple[Packed, ...]] | None = None

    async def opine(self, brief: Brief, snapshot: Snapshot) -> Opinion:
        """Read the snapshot, blind to the other seats; a very large one in parts, side by side."""
        parts = await self._parts(brief, snapshot)
        unseen = tuple(each.path for each in parts[0].unseen if each.reason in (NO_ROOM, IN_PART))
        if not any(packed.files or packed.shown for packed in parts):
            if unseen:
                return Opinion(seat=self.name, outcome=Outcome.ABSTAINED, reason="no changed file fits into its prompt", unseen=unseen)
            return Opinion(seat=self.name, outcome=Outcome.ANSWERED, reason="no changed file is for it to read")
        read = await asyncio.gather(*(self._read(brief, snapshot, packed) for packed in parts))
        return joined_opinion(read, [packed.files for packed in parts], unseen)

    async def critique(self, ballot: Ballot) -> Critique:
        """Judge the proposals of others, under labels and in an order of this seat's own; each beside the part that holds its file."""
        parts = await self._parts(ballot.brief, ballot.snapshot)
        turns: dict[int, list[Proposal]] = {}
        for proposal in ballot.proposals:
            path = proposal.finding.location.path
            at = next((index for index, packed in enumerate(parts) if path in packed.files), 0)
            turns.setdefault(at, []).append(proposal)
        judged = await asyncio.gather(*(self._judge(ballot.brief, parts[at], turns[at]) for at in sorted(turns)))
        return joined_critique(self.name, judged)

    async def _parts(self, brief: Brief, snapshot: Snapshot) -> tuple[Packed, ...]:
        """Both rounds read the same parts. Split in a thread: a large change takes a second, in which the loop must answer others."""
        if self._split is None or self._split[0] is not snapshot:
            room = (self._limits.context_tokens, self._limits.parts)
            async with self._turn:
                self._split = snapshot, await asyncio.to_thread(split, brief, snapshot, self.name, room)
        return self._split[1]

    async def _read(self, brief: Brief, snapshot: Snapshot, packed: Packed) -> Opinion:
        questioning = Questioning(self._model, self._clock, self._limits.seconds)
        dropped = tuple(each.path for each in packed.dropped)
        request = self._request("opinion", packed, prompts.render("opinion", language=brief.language), self._limits.opinion_tokens)
        try:
            answer, malformed = await questioning.ask(request, _read_opinion)
        except (ModelError, parsing.Unusable) as error:
            return Opinion(
                seat=self.name, outcome=_outcome(error), reason=str(error), usage=questioning.usage, seconds=questioning.seconds()
            )
        checked = await asyncio.to_thread(lambda: [anchor(self.name, _claim(each), snapshot) for each in answer.findings])
        bad = [Discarded(seat=self.name, title=each.title, path=each.path, reason=f"malformed: {each.reason}") for each in malformed]
        return Opinion(
            seat=self.name,
            outcome=Outcome.ANSWERED,
            findings=tuple(each for each in checked if isinstance(each, Finding)),
            discarded=tuple(each for each in [*checked, *bad] if isinstance(each, Discarded)),
            usage=questioning.usage,
            seconds=questioning.seconds(),
            reason=questioning.through,
            dropped=dropped,
        )

    async def _judge(self, brief: Brief, packed: Packed, proposals: list[Proposal]) -> Critique:
        random.Random(f"{brief.seed}:{self.name}:critique").shuffle(proposals)
        labels = {label(index): proposal.id for index, proposal in enumerate(proposals)}
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
            for name, proposal in zip(labels, proposals, strict=True)
        )
        questioning = Questioning(self._model, self._clock, self._limits.seconds)
        request = self._request("critique", packed, prompts.render("critique", proposals=rows), self._limits.critique_tokens)
        try:
            answer = await questioning.ask(request, _read_critique)
        except (ModelError, parsing.Unusable) as error:
            return Critique(
                seat=self.name, outcome=_outcome(error), reason=str(error), usage=questioning.usage, seconds=questioning.seconds()
            )
        votes, same = _resolve(answer, labels)
        return Critique(
            seat=self.name,
            outcome=Outcome.ANSWERED,
            votes=votes,
            same=same,
            usage=questioning.usage,
            seconds=questioning.seconds(),
            reason=questioning.through,
        )

    def _request(self, purpose: str, packed: Packed, prompt: str, tokens: int) -> ModelRequest:
        answer = OpinionAnswer if purpose == "opinion" else CritiqueAnswer
        return ModelRequest(
            purpose=purpose,
            system=prompts.text("system"),
            prefix=packed.text,
            prompt=prompt,
            answer=answer,
            max_output_tokens=tokens,
            seconds=self._limits.seconds,
        )


def _read_opinion(response: ModelResponse) -> tuple[OpinionAnswer, tuple[parsing.Malformed, ...]]:
    return parsing.opinion(response.text, truncated=response.finish == "length")


def _read_critique(response: ModelResponse) -> CritiqueAnswer:
    return parsing.critique(response.text)


def _claim(answer: ClaimAnswer) -> Claim:
    return Claim(
        title=" ".join(answer.title.split())[:200],
        body=answer.body.strip()[:4_000],
        severity=answer.severity,
        category=answer.category,
        path=answer.path,
        quote=answer.quote,
        line=answer.line if answer.line > 0 else None,
        suggestion=answer.suggestion or None,
    )


def _resolve(answer: CritiqueAnswer, labels: dict[str, str]) -> tuple[tuple[Vote, ...], tuple[tuple[str, str], ...]]:
    """Labels back to ids; unknown ones are ignored, and a critic that contradicts itself on one has not voted on it."""
    votes: dict[str, Vote] = {}
    torn: set[str] = set()
    for each in answer.votes:
        proposal = labels.get(each.label.strip().upper())
        if not proposal:
            continue
        vote = Vote(proposal=proposal, stance=each.stance, evidence=" ".join(each.evidence.split())[:600])
        if votes.setdefault(proposal, vote).stance is not vote.stance:
            torn.add(proposal)
    votes = {proposal: vote for proposal, vote in votes.items() if proposal not in torn}
    pairs = ((labels.get(each.first.strip().upper()), labels.get(each.second.strip().upper())) for each in answer.same)
    same = {(min(first, second), max(first, second)) for first, second in pairs if first and second and first != second}
    return tuple(votes.values()), tuple(sorted(same))


def _outcome(error: Exception) -> Outcome:
    return _OUTCOMES[error.fault] if isinstance(error, ModelError) else Outcome.UNUSABLE
