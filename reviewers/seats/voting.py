"""How a model seat votes on the proposals of others, whatever they are: under labels and in an order of its own."""

import random
from collections.abc import Mapping, Sequence

from reviewers.models.model import Fault, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import CritiqueAnswer
from reviewers.seats.listing import label
from reviewers.seats.questioning import Questioning
from reviewers.verdict import Critique, Outcome, Proposal, Vote

_OUTCOMES = {
    Fault.TIMEOUT: Outcome.TIMEOUT,
    Fault.RATE_LIMITED: Outcome.UNAVAILABLE,
    Fault.UNAVAILABLE: Outcome.UNAVAILABLE,
    Fault.REFUSED: Outcome.REFUSED,
    Fault.MISCONFIGURED: Outcome.MISCONFIGURED,
    Fault.OVER_BUDGET: Outcome.OVER_BUDGET,
}


def labelled(seed: str, proposals: Sequence[Proposal]) -> dict[str, Proposal]:
    """The proposals by random labels, in a random order."""
    order = list(proposals)
    random.Random(f"{seed}:critique").shuffle(order)
    return {label(index): proposal for index, proposal in enumerate(order)}


async def votes(seat: str, questioning: Questioning, request: ModelRequest, labels: Mapping[str, Proposal]) -> Critique:
    """The seat's answer to a ballot; a failure is an outcome."""
    try:
        answer = await questioning.ask(request, _read)
    except (ModelError, parsing.Unusable) as error:
        return Critique(seat=seat, outcome=outcome(error), reason=str(error), usage=questioning.usage, seconds=questioning.seconds())
    cast, same = _resolve(answer, {name: proposal.id for name, proposal in labels.items()})
    return Critique(
        seat=seat,
        outcome=Outcome.ANSWERED,
        votes=cast,
        same=same,
        usage=questioning.usage,
        seconds=questioning.seconds(),
        reason=questioning.reason,
        through=questioning.through,
    )


def outcome(error: Exception) -> Outcome:
    """How a turn ended that brought no answer."""
    return _OUTCOMES[error.fault] if isinstance(error, ModelError) else Outcome.UNUSABLE


def _read(response: ModelResponse) -> CritiqueAnswer:
    return parsing.critique(response.text)


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
