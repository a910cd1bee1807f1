"""Collects a model seat's votes on the proposals of others, of any kind, under labels and in an order specific to the seat."""

import asyncio
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from reviewers.anchoring.evidence import Texts
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.seats import parsing
from reviewers.seats.answers import VoteAnswer
from reviewers.seats.prompt_json import letter_label
from reviewers.seats.repository_looks import LookDesk, ask_looking
from reviewers.seats.structured_query import StructuredQuery
from reviewers.values.finding import Evidence
from reviewers.values.reading import ReadingNote, ReadingProblem, SeatReading
from reviewers.values.verdict import Critique, Outcome, Proposal, Stance, Vote

_OUTCOMES = {
    CallFault.TIMEOUT: Outcome.TIMEOUT,
    CallFault.RATE_LIMITED: Outcome.UNAVAILABLE,
    CallFault.UNAVAILABLE: Outcome.UNAVAILABLE,
    CallFault.REFUSED: Outcome.REFUSED,
    CallFault.MISCONFIGURED: Outcome.MISCONFIGURED,
    CallFault.OVER_BUDGET: Outcome.OVER_BUDGET,
}


def label_proposals(seed: str, proposals: Sequence[Proposal]) -> dict[str, Proposal]:
    """The proposals by random labels, in a random order."""
    order = list(proposals)
    random.Random(f"{seed}:critique").shuffle(order)
    return {letter_label(index): proposal for index, proposal in enumerate(order)}


Check = Callable[[VoteAnswer, Proposal, Texts], Evidence | None]


@dataclass(frozen=True)
class BallotQuestion:
    """The question of a ballot: the request, the proposals by their labels, and the desk for looks.

    `check` finds the line that a vote cites, also in the texts of cited files that the change left alone.
    """

    request: ModelRequest
    labels: Mapping[str, Proposal]
    check: Check
    desk: LookDesk


async def votes(seat: str, questioning: StructuredQuery, asked: BallotQuestion) -> tuple[Critique, bool]:
    """The seat's answer to a ballot, and whether its prompt was too long; a failure is an outcome."""
    desk = asked.desk
    try:
        answer = await ask_looking(questioning, asked.request, _read, desk)
    except (ModelError, parsing.Unusable) as error:
        failed = Critique(
            seat=seat,
            outcome=outcome(error),
            reason=str(error),
            usage=questioning.usage,
            seconds=questioning.seconds(),
            reading=failed_reading(error, questioning, "votes"),
            looks=tuple(desk.records),
        )
        return failed, is_too_long(error)
    texts = await desk.texts([vote.path for vote in answer.good])
    cast, same, unknown = await asyncio.to_thread(_resolve, answer, asked, texts)
    critique = Critique(
        seat=seat,
        outcome=Outcome.ANSWERED,
        votes=cast,
        same=same,
        usage=questioning.usage,
        seconds=questioning.seconds(),
        reason=questioning.reason,
        through=questioning.through,
        reading=SeatReading(notes=(*questioning.notes, *answer_notes(answer, "votes", unknown))),
        looks=tuple(desk.records),
    )
    return critique, False


def outcome(error: Exception) -> Outcome:
    """The outcome of a turn that brought no answer."""
    return _OUTCOMES[error.fault] if isinstance(error, ModelError) else Outcome.UNUSABLE


def is_too_long(error: Exception) -> bool:
    """Whether a turn failed because its prompt did not fit the model's window."""
    return isinstance(error, ModelError) and error.too_long


def failed_reading(error: Exception, questioning: StructuredQuery, items: str) -> SeatReading:
    """The reading of a turn that brought no answer."""
    problem = error.problem if isinstance(error, parsing.Unusable) else None
    own = (ReadingNote(problem=problem, items=items),) if problem else ()
    return SeatReading(notes=(*questioning.notes, *own))


def answer_notes(answer: parsing.ParsedItems[parsing.Form], items: str, unknown: int = 0) -> tuple[ReadingNote, ...]:
    """The notes on an answer; `unknown` of its items name nothing that was asked."""
    unreadable = len(answer.malformed) + unknown
    notes = (
        (answer.cut, ReadingNote(problem=ReadingProblem.CUT_OFF, count=len(answer.good), items=items)),
        (unreadable, ReadingNote(problem=ReadingProblem.UNREADABLE, count=unreadable, items=items)),
        (answer.beyond, ReadingNote(problem=ReadingProblem.TOO_MANY, count=answer.beyond, items=items)),
        (answer.repaired, ReadingNote(problem=ReadingProblem.REPAIRED, items=items)),
    )
    return tuple(note for happened, note in notes if happened)


def _read(response: ModelResponse) -> parsing.ParsedItems[VoteAnswer]:
    return parsing.critique(response.text, response.truncated)


def _resolve(
    answer: parsing.ParsedItems[VoteAnswer], asked: BallotQuestion, texts: Texts
) -> tuple[tuple[Vote, ...], tuple[tuple[str, str], ...], int]:
    """Labels back to ids; unknown ones are counted, and contradicting votes of a critic on one proposal do not count."""
    labels = {name: proposal.id for name, proposal in asked.labels.items()}
    by_id = {proposal.id: proposal for proposal in asked.labels.values()}
    votes: dict[str, Vote] = {}
    torn: set[str] = set()
    unknown = 0
    for item in answer.good:
        proposal = _named(item.label, labels)
        if proposal is None:
            unknown += 1
            continue
        proof = asked.check(item, by_id[proposal], texts) if item.quote.strip() and item.stance is not Stance.UNSURE else None
        vote = Vote(proposal=proposal, stance=item.stance, evidence=" ".join(item.evidence.split())[:600], proof=proof)
        if votes.setdefault(proposal, vote).stance is not vote.stance:
            torn.add(proposal)
    votes = {proposal: vote for proposal, vote in votes.items() if proposal not in torn}
    pairs = ((_named(pair.first, labels), _named(pair.second, labels)) for pair in answer.same)
    same = {(min(first, second), max(first, second)) for first, second in pairs if first and second and first != second}
    return tuple(votes.values()), tuple(sorted(same)), unknown


def _named(said: str, labels: Mapping[str, str]) -> str | None:
    """The proposal of a label in any format: "B.", "Claim B", "**b**", "(B)", "B: the title"; None if none or several are meant."""
    words = re.findall(r"[^\W\d_]+", said)
    bare = "".join(words).upper() if len(words) == 1 else ""
    if bare in labels:
        return labels[bare]
    first = re.match(r"\W*(?:[^\W\d_]{4,}\W+)?([^\W\d_]{1,3})\W*(?:[.:)\]*–-]|$)", said)
    named = {first[1].upper()} if first else {word for word in words if word.isupper()}
    found = [labels[word] for word in named if word in labels]
    return found[0] if len(found) == 1 else None
