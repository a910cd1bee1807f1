"""A language model as an expert that answers a question."""

import asyncio
import re
from collections.abc import Callable, Sequence
from typing import Literal, Protocol

from pydantic import BaseModel

from reviewers import prompts
from reviewers.anchoring.citations import ClaimedCitation, check_citations, with_files
from reviewers.anchoring.evidence import Texts
from reviewers.context.dossier_packing import CUT, PackedDossier, pack
from reviewers.context.repository.looks import RepositoryView
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import (
    CounselAnswer,
    CounselTurnAnswer,
    CritiqueAnswer,
    LookingCounselAnswer,
    LookingCounselTurnAnswer,
    LookingCritiqueAnswer,
    SolutionAnswer,
    VoteAnswer,
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
from reviewers.seats.parts import claim_notes, discard_malformed
from reviewers.seats.prompt_json import json_lines
from reviewers.seats.repository_looks import LookDesk, ask_looking
from reviewers.seats.seat import Member
from reviewers.seats.structured_query import HostRoom, SeatLimits, StructuredQuery
from reviewers.specialists import SPECIALISTS, Specialist
from reviewers.values.advice import Counsel, Missing
from reviewers.values.finding import Discarded, Evidence
from reviewers.values.question import Dossier, Inquiry
from reviewers.values.reading import SeatReading
from reviewers.values.solution import Citation, Facet, Solution
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Critique, Opinion, Outcome, Proposal, Stance

_MOST = 3


class ExpertTask(FrozenValue):
    """The task of an expert: the question, its material, and the evidence that is missing."""

    inquiry: Inquiry
    dossier: Dossier
    missing: tuple[Missing, ...] = ()


class Expert(Member, Protocol):
    """A member that answers questions. Neither method raises: a failure is an outcome."""

    async def advise(self, matter: ExpertTask) -> Opinion:
        """Answer, blind to the other experts; a Counsel, unless the turn failed."""
        ...

    async def weigh(self, matter: ExpertTask, proposals: tuple[tuple[Proposal, Solution], ...]) -> Critique:
        """Judge the solutions of others."""
        ...


class ModelExpert:
    """Asks its model; accepts a citation only if it is in the material."""

    is_model = True

    def __init__(
        self,
        model: Model,
        clock: Callable[[], float],
        limits: SeatLimits = SeatLimits(),  # noqa: B008 - frozen
        name: str = "",
        room: HostRoom | None = None,
        repository: RepositoryView | None = None,
    ) -> None:
        """`room` is that of the model's host; `repository` is open for looks within the expert's limits."""
        self.name = name or model.name
        self.vendor = model.vendor
        self._model = model
        self._clock = clock
        self._limits = limits
        self._pack: tuple[Dossier, PackedDossier] | None = None
        self._room = room or HostRoom()
        self._repository = repository
        self.queues = self._room.slot is not None
        self._shrunk = False

    async def advise(self, matter: ExpertTask) -> Opinion:
        """Answer, blind to the other experts."""
        specialist = SPECIALISTS[matter.inquiry.specialist]
        packed = await self._packed(matter)
        prompt = prompts.render("counsel", task=_task(specialist), missing=_missing(matter.missing), facets=_facets(specialist))
        questioning = StructuredQuery(self._model, self._clock, self._limits.seconds, self._room.slot)
        desk = LookDesk(self._repository, self._limits.looks, "opinion")
        request = self._request("opinion", packed, prompt, desk)
        try:
            answer = await ask_looking(questioning, request, _read, desk)
        except (ModelError, parsing.Unusable) as error:
            if is_too_long(error) and self._shrink():
                again = await self.advise(matter)
                return again.model_copy(update={"usage": questioning.usage + again.usage})
            return Opinion(
                seat=self.name,
                outcome=outcome(error),
                reason=str(error),
                usage=questioning.usage,
                seconds=questioning.seconds(),
                reading=failed_reading(error, questioning, "solutions"),
                looks=tuple(desk.records),
            )
        texts = await desk.texts([cited.source for solution in answer.good for cited in solution.evidence])
        material = with_files(matter.dossier, texts)
        checked = await asyncio.to_thread(lambda: [self._checked(solution, specialist, material) for solution in answer.good[:_MOST]])
        solutions = tuple(made for made, _ in checked if made is not None)
        # A kept solution may have lost a citation; only a solution lost whole is a lost claim.
        lost = (*(gone[0] for made, gone in checked if made is None), *discard_malformed(self.name, answer.malformed))
        return Counsel(
            seat=self.name,
            outcome=Outcome.ANSWERED,
            view=answer.view.strip()[:2_000],
            solutions=solutions,
            findings=tuple(each.as_finding() for each in solutions),
            discarded=(*(claim for _, gone in checked for claim in gone), *discard_malformed(self.name, answer.malformed)),
            usage=questioning.usage,
            seconds=questioning.seconds(),
            reason=questioning.reason,
            through=questioning.through,
            dropped=tuple(unseen.path for unseen in packed.dropped),
            looks=tuple(desk.records),
            cut=tuple(unseen.path for unseen in packed.dropped if unseen.reason == CUT),
            reading=SeatReading(notes=(*questioning.notes, *answer_notes(answer, "solutions"), *claim_notes(solutions, lost))),
        )

    async def weigh(self, matter: ExpertTask, proposals: tuple[tuple[Proposal, Solution], ...]) -> Critique:
        """Judge the solutions of others, under labels and in an order specific to this seat."""
        packed = await self._packed(matter)
        worded = {proposal.id: solution for proposal, solution in proposals}
        labels = label_proposals(f"{matter.inquiry.seed}:{self.name}", [proposal for proposal, _ in proposals])
        rows = json_lines({"label": name, **_row(worded[proposal.id])} for name, proposal in labels.items())
        prompt = prompts.render("counsel_critique", proposals=rows)
        desk = LookDesk(self._repository, self._limits.looks, "critique")

        def check(vote: VoteAnswer, proposal: Proposal, texts: Texts) -> Evidence | None:
            found = check_citations(self.name, "", ClaimedCitation(vote.path, vote.line, vote.quote), with_files(matter.dossier, texts))
            own = [citation.quote for citation in worded[proposal.id].citations]
            # A solution's own quotes cannot refute it.
            if isinstance(found, Discarded) or (vote.stance is Stance.REJECT and found.quote in own):
                return None
            return Evidence(path=found.source, line=found.line, quote=found.quote)

        questioning = StructuredQuery(self._model, self._clock, self._limits.seconds, self._room.slot)
        request = self._request("critique", packed, prompt, desk)
        critique, too_long = await votes(self.name, questioning, BallotQuestion(request, labels, check, desk))
        if too_long and self._shrink():
            again = await self.weigh(matter, proposals)
            return again.model_copy(update={"usage": critique.usage + again.usage})
        return critique

    def _shrink(self) -> bool:
        """Whether to pack again, smaller, because the prompt did not fit; once."""
        if self._shrunk:
            return False
        self._limits, self._pack, self._shrunk = self._limits.smaller(), None, True
        return True

    async def _packed(self, matter: ExpertTask) -> PackedDossier:
        """Both rounds read the same. Runs in a thread, because counting the tokens of a long log is pure computation."""
        if self._pack is None or self._pack[0] is not matter.dossier:
            if not self._shrunk:
                self._limits = await self._room.limits(self._limits)
            self._pack = (
                matter.dossier,
                await asyncio.to_thread(pack, matter.inquiry, matter.dossier, self.name, self._limits.context_tokens),
            )
        return self._pack[1]

    def _checked(self, answer: SolutionAnswer, specialist: Specialist, dossier: Dossier) -> tuple[Solution | None, tuple[Discarded, ...]]:
        """The solution with its valid citations, and what was discarded; None if nothing of it is valid."""
        title = " ".join(answer.title.split())[:200]
        facets = {facet.name.strip().lower(): facet.text.strip() for facet in answer.facets if facet.text.strip()}
        for form in specialist.forms:
            if form.name not in facets or not re.search(form.pattern, facets[form.name]):
                reason = f'malformed: a {specialist.name} answer names its "{form.name}"'
                return None, (Discarded(seat=self.name, title=title, path="", reason=reason),)
        claimed = [ClaimedCitation(each.source, each.line, each.quote) for each in answer.evidence if each.quote.strip()]
        checked = [check_citations(self.name, title, each, dossier) for each in claimed[:8]]
        citations = tuple(citation for citation in checked if isinstance(citation, Citation))
        gone = tuple(discarded for discarded in checked if isinstance(discarded, Discarded))
        if gone and not citations:
            return None, gone
        return Solution(
            seat=self.name,
            title=title,
            approach=answer.approach.strip()[:4_000],
            steps=tuple(step.strip()[:1_000] for step in answer.steps if step.strip())[:12],
            effort=answer.effort,
            risk=answer.risk,
            verify=answer.verify.strip()[:600],
            facets=tuple(Facet(name=form.name, text=facets[form.name][:1_500]) for form in specialist.forms),
            citations=tuple(dict.fromkeys(citations)),
        ), gone

    def _request(self, purpose: Literal["opinion", "critique"], packed: PackedDossier, prompt: str, desk: LookDesk) -> ModelRequest:
        first = purpose == "opinion"
        own: type[BaseModel] = CounselAnswer if first else CritiqueAnswer
        if desk.is_open:
            own = LookingCounselAnswer if first else LookingCritiqueAnswer
            prompt = f"{prompt}\n\n{desk.instructions('question' if first else 'critique')}"
        return ModelRequest(
            purpose=purpose,
            system=prompts.text("expert_system"),
            prefix=packed.text,
            prompt=prompt,
            answer=LookingCounselTurnAnswer if desk.is_open else CounselTurnAnswer,
            own_answer=own,
            max_output_tokens=self._limits.opinion_tokens if first else self._limits.critique_tokens,
            seconds=self._limits.seconds,
        )


def _read(response: ModelResponse) -> parsing.ParsedItems[SolutionAnswer]:
    return parsing.counsel(response.text, response.truncated)


def _task(specialist: Specialist) -> str:
    return f"You answer as the specialist for `{specialist.name}`. " + prompts.text(f"specialist_{specialist.name}")


def _facets(specialist: Specialist) -> str:
    return "; ".join(f"`{form.name}` ({form.about})" for form in specialist.forms) or "an empty list"


def _missing(missing: Sequence[Missing]) -> str:
    if not missing:
        return "The evidence that this kind of question needs is there."
    names = "; ".join(each.name for each in missing)
    return f"Not given, and wanted for this kind of question: {names}. Say in each solution what it assumes in place of it."


def _row(solution: Solution) -> dict[str, str | int | None]:
    return {
        "title": solution.title,
        "approach": solution.approach,
        "steps": "\n".join(solution.steps),
        "effort": str(solution.effort),
        "risk": str(solution.risk),
        "verify": solution.verify,
        **{facet.name: facet.text for facet in solution.facets},
        "evidence": "\n".join(f"{citation.source}:{citation.line}: {citation.quote}" for citation in solution.citations),
    }
