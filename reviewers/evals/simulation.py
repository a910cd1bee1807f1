"""Simulates critique rounds: the council's protocol over recorded members, with critics who err at a given rate."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from reviewers.council.ranking import DEFAULT, Rules, rerank
from reviewers.evals.judging import Judgement, posted_comments, proposals, ranking_context
from reviewers.evals.recorded import RecordedComment, RecordedReview
from reviewers.evals.strict import Tally, tally, total
from reviewers.values.finding import Evidence
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Proposal, ProposalStanding, RankingInputs, SeatVote, Stance


class Setup(NamedTuple):
    """Councils of `seats` drawn `draws` times from each row; `unsure` is the share of votes that take no side.

    `quoting` is the share of votes with valid evidence; of those of a wrong vote, `fabricating` is the share that the gate lets through.
    `unverified` is the share of its weight that a vote without such evidence keeps.
    """

    seats: int = 4
    draws: int = 10
    seed: int = 1
    unsure: float = 0.1
    quoting: float = 1.0
    fabricating: float = 1.0
    accuracies: tuple[float, ...] = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
    ranker: str = DEFAULT
    unverified: float = Rules().unverified


class Score(FrozenValue):
    """Micro-averaged over all councils; `accuracy` is None without a critique round."""

    accuracy: float | None
    precision: float
    recall: float
    f1: float
    posted: float


class Sat(NamedTuple):
    """One council on one pull request before any critique, and which proposals are right."""

    row: RecordedReview
    minutes: RankingInputs
    right: dict[str, bool]


def simulate(rows: Sequence[RecordedReview], judgement: Judgement, setup: Setup = Setup()) -> tuple[Score, ...]:  # noqa: B008 - frozen
    """The score without critique, then at each accuracy. A critic judges right and wrong proposals equally well."""
    councils = [_sit(row, judgement, setup, number) for row in rows for number in range(setup.draws)]
    rules = Rules(few=1, learned=judgement.ranks, unverified=setup.unverified)
    scores = []
    for accuracy in (None, *setup.accuracies):
        tallies: list[Tally] = []
        for number, sat in enumerate(councils):
            # One random number for all accuracies: a critic who is right at 60 % is right on the same proposals at 80 %.
            dice = random.Random(f"{setup.seed}:{number}")
            minutes = sat.minutes if accuracy is None else _criticised(sat, accuracy, setup, dice)
            tallies.append(tally(sat.row, posted_comments(sat.row, rerank(minutes, setup.ranker, None, rules))))
        whole = total(tallies)
        scores.append(
            Score(
                accuracy=accuracy,
                precision=round(whole.precision, 3),
                recall=round(whole.recall, 3),
                f1=round(whole.f1, 3),
                posted=round(whole.posted / max(1, len(tallies)), 2),
            )
        )
    return tuple(scores)


def count_rejected(rows: Sequence[RecordedReview], judgement: Judgement, setup: Setup) -> tuple[int, int]:
    """The number of right, machine-proven findings that critics reject at the worst accuracy, and the number of such findings."""
    rules = Rules(few=1, learned=judgement.ranks, unverified=setup.unverified)
    rejected = proven = 0
    for number, row in enumerate(row for row in rows for _ in range(setup.draws)):
        sat = _sit(row, judgement, setup, number)
        made = tuple(
            proposal.model_copy(update={"proven": "tests"}) if sat.right[proposal.id] else proposal for proposal in sat.minutes.proposals
        )
        sat = sat._replace(minutes=sat.minutes.model_copy(update={"proposals": made}))
        minutes = _criticised(sat, min(setup.accuracies), setup, random.Random(f"{setup.seed}:{number}"))
        ranked = rerank(minutes, setup.ranker, None, rules)
        names = {proposal.finding for proposal in made if proposal.proven}
        proven += len(names)
        rejected += sum(finding.standing is ProposalStanding.REJECTED for finding in ranked if finding.finding in names)
    return rejected, proven


def _sit(row: RecordedReview, judgement: Judgement, setup: Setup, number: int) -> Sat:
    dice = random.Random(f"{setup.seed}:{row.judge}:{row.pr}:{number}")
    review = row.of(dice.sample(row.tools, min(setup.seats, len(row.tools))))
    made = proposals(review, judgement.pairs)
    behind = review.behind(proposal.finding for proposal in made)
    right = {each.id: _right(comment) for each, comment in zip(made, behind, strict=True)}
    return Sat(review, RankingInputs(proposals=made, sittings=ranking_context(review, judgement).sittings), right)


def _right(comment: RecordedComment) -> bool:
    """Null was judged a match too, of an issue that the tool had already named."""
    return comment.matches is None or bool(comment.matches)


def _criticised(sat: Sat, accuracy: float, setup: Setup, dice: random.Random) -> RankingInputs:
    seats = [sitting.seat for sitting in sat.minutes.sittings]
    votes = {
        proposal.id: tuple(
            _vote(proposal, seat, sat.right[proposal.id], (accuracy, setup), dice) for seat in seats if seat not in proposal.supporters
        )
        for proposal in sat.minutes.proposals
    }
    return sat.minutes.model_copy(update={"votes": votes, "critics": tuple(seats)})


def _vote(proposal: Proposal, seat: str, right: bool, rates: tuple[float, Setup], dice: random.Random) -> SeatVote:
    accuracy, setup = rates
    silent, correct, proven = dice.random() < setup.unsure, dice.random() < accuracy, dice.random()
    stance = Stance.UNSURE if silent else Stance.CONFIRM if right is correct else Stance.REJECT
    holds = not silent and proven < (setup.quoting if correct else setup.fabricating)
    return SeatVote(seat=seat, stance=stance, evidence="", proof=Evidence(path="", line=0, quote="") if holds else None)
