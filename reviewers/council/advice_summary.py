"""Writes the advice: in the chair's words if they keep to the list, else as plain text of ours."""

from collections.abc import Sequence
from typing import NamedTuple

from reviewers import prompts
from reviewers.council.synthesis import unknown_name
from reviewers.models.model import Model, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import AdviceAnswer
from reviewers.seats.prompt_json import json_lines
from reviewers.seats.structured_query import StructuredQuery
from reviewers.values.advice import RankedSolution
from reviewers.values.question import Inquiry
from reviewers.values.solution import Solution
from reviewers.values.verdict import Usage

_TOKENS, _LONGEST, _ASKED = 2_500, 1_600, 4_000


class Advised(NamedTuple):
    """What a person reads first; `problem` says why it is plain text."""

    summary: str
    plan: tuple[str, ...]
    verify: str
    settle: str
    usage: Usage
    problem: str = ""


async def advise(chair: Model, inquiry: Inquiry, ranked: Sequence[RankedSolution], questioning: StructuredQuery, seconds: float) -> Advised:
    """The chair's words, or the plain ones if the chair fails or does not keep to the list."""
    solutions = [solution for solution in ranked if solution.number]
    rows = json_lines(_row(solution) for solution in solutions)
    request = ModelRequest(
        purpose="synthesis",
        system=prompts.text("expert_system"),
        prefix="",
        prompt=prompts.render("advice", ranking=rows, question=json_lines([{"question": inquiry.question[:_ASKED]}])),
        answer=AdviceAnswer,
        max_output_tokens=_TOKENS,
        seconds=seconds,
    )
    try:
        answer = await questioning.ask(request, lambda response: _checked(response, inquiry, solutions))
    except (ModelError, parsing.Unusable) as error:
        return plain_advice(ranked)._replace(usage=questioning.usage, problem=str(error))
    steps = tuple(step.strip() for step in answer.plan if step.strip()) or solutions[0].solution.steps
    return Advised(answer.summary.strip(), steps, answer.verify.strip(), answer.settle.strip(), questioning.usage)


def plain_advice(ranked: Sequence[RankedSolution]) -> Advised:
    """The first solution in the words of its seat."""
    best = next((solution.solution for solution in ranked if solution.number), None)
    if best is None:
        return Advised("", (), "", "", Usage())
    probe = next((facet.text for facet in best.facets if facet.name == "probe"), "")
    return Advised(best.approach or best.title, best.steps, best.verify, probe, Usage())


def _checked(response: ModelResponse, inquiry: Inquiry, listed: Sequence[RankedSolution]) -> AdviceAnswer:
    answer = parsing.advice(response.text, response.truncated)
    if answer.order != [solution.number for solution in listed]:
        raise parsing.Unusable("`order` does not repeat the given numbers")
    if not answer.summary.strip():
        raise parsing.Unusable("the summary is empty")
    if len(answer.summary) > _LONGEST:
        raise parsing.Unusable(f"the summary is longer than {_LONGEST} characters")
    said = "\n".join((answer.summary, *answer.plan, answer.verify, answer.settle))
    if strange := unknown_name(said, "\n".join((inquiry.question, *(_everything(solution.solution) for solution in listed)))):
        raise parsing.Unusable(f"it names what no solution names: {strange}")
    return answer


def _row(ranked: RankedSolution) -> dict[str, str | int | None]:
    solution = ranked.solution
    return {
        "number": ranked.number,
        "title": solution.title,
        "standing": str(ranked.standing),
        "approach": solution.approach,
        "steps": "\n".join(solution.steps),
        "verify": solution.verify,
        **{facet.name: facet.text for facet in solution.facets},
        "against": "\n".join(vote.evidence for vote in ranked.votes if vote.stance == "reject" and vote.evidence),
    }


def _everything(solution: Solution) -> str:
    facets = (facet.text for facet in solution.facets)
    lines = (f"{citation.source}:{citation.line} {citation.quote}" for citation in solution.citations)
    return "\n".join((solution.title, solution.approach, *solution.steps, solution.verify, *facets, *lines))
