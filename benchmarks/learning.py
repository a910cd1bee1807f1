"""Checks that outcomes improve the posts of a council with a mostly wrong seat, a mostly right one and two others."""

import random
from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.bars import Bar, Count, above, at_least, exactly, judged
from benchmarks.options import Options, progress
from reviewers.council.ranking import DEFAULT, rerank
from reviewers.learning.feedback import FindingSign, Source, records, reliability, reliability_by_area
from reviewers.learning.reliability import PRIOR, weight
from reviewers.values.finding import Category, Finding, Location, Severity
from reviewers.values.verdict import Proposal, ProposalStanding, RankingInputs, SeatFacts, SeatVote, Stance, Traits

# How often each seat's findings are right; the first two must be distinguished.
PRECISION = {"noisy": 0.20, "sound": 0.70, "third": 0.40, "fourth": 0.40}
OUTCOMES = 200
_RAISED = 1.1


def run(options: Options) -> dict[str, object]:
    trials = options.n or (5 if options.small else 40)
    before: list[float] = []
    after: list[float] = []
    apart = posted = right = 0
    weights: dict[str, float] = {}
    for trial in range(trials):
        dice = random.Random(f"{options.seed}:{trial}")
        signs = [sign for seat in ("noisy", "sound") for sign in _signs(dice, seat, OUTCOMES // 2)]
        known = {record.seat: record for record in records(signs, 1)}
        found = {seat: reliability(each) for seat, each in known.items()}
        weights = {seat: round(weight(each, _RAISED), 3) for seat, each in found.items()}
        apart += weights["sound"] - weights["noisy"] >= 0.5 and found["sound"].mean > 0.5 > found["noisy"].mean
        unknown = tuple(SeatFacts(seat=seat, vendor=seat, findings=6) for seat in PRECISION)
        learned = tuple(
            each.model_copy(
                update={
                    "record": found.get(each.seat, PRIOR),
                    "narrow": reliability_by_area(known[each.seat]) if each.seat in known else {},
                }
            )
            for each in unknown
        )
        pulls = [_pull(dice) for _ in range(60)]
        before.append(_scored(pulls, unknown).f1)
        later = _scored(pulls, learned)
        after.append(later.f1)
        posted, right = posted + later.posted, right + later.there
        progress(f"{trial + 1} of {trials}: {before[-1]:.3f} -> {after[-1]:.3f}, weights {weights}")
    rose = sum(late > early for early, late in zip(before, after, strict=True))
    measured = {
        "trials": trials,
        "outcomes": OUTCOMES,
        "f1_before": round(sum(before) / trials, 4),
        "f1_after": round(sum(after) / trials, 4),
        "weights": weights,
        "told_apart": apart,
        "rose": rose,
    }
    # An F1 without posts is 0 both times, so there must be posts to compare.
    counts = (Count("trials", trials, 20, small=5, asked=True), Count("posted", posted, 20 * trials), Count("right", right, 60 * trials))
    bars = (
        Bar("weights", apart, exactly(trials), counts),
        Bar("f1_after", sum(after), above(sum(before)), counts),
        Bar("rose", rose, at_least(0.9 * trials, small=0.6 * trials), counts),
    )
    return judged(options, measured | {"posted": posted, "right": right}, bars)


def _signs(dice: random.Random, seat: str, count: int) -> list[FindingSign]:
    """Outcomes of a seat's findings, with realistic noise: one in ten says the opposite."""
    made = []
    for number in range(count):
        right = dice.random() < PRECISION[seat]
        told = right if dice.random() < 0.9 else not right
        source = dice.choice((Source.CHANGED, Source.RESOLVED)) if told else dice.choice((Source.DISMISSED, Source.THUMBS))
        category = dice.choice((Category.CORRECTNESS, Category.SECURITY)).value
        made.append(
            FindingSign(
                where=f"{seat}{number}", repository=1, source=source, right=told, raised_by=(seat,), category=category, path="a/b.py"
            )
        )
    return made


def _pull(dice: random.Random) -> tuple[tuple[Proposal, ...], dict[str, tuple[SeatVote, ...]], frozenset[str]]:
    """Proposals of one review with the others' votes, which are slightly better than chance, and which of them are right."""
    proposals, votes, right = [], {}, set()
    for number in range(dice.randint(4, 10)):
        seat = dice.choice(tuple(PRECISION))
        good = dice.random() < PRECISION[seat]
        name = f"{number:04x}"
        finding = Finding(
            seat=seat,
            title=f"finding {number}",
            body="",
            severity=Severity.HIGH,
            category=Category.CORRECTNESS,
            location=Location(path="a/b.py", line=number + 1),
            quote=f"line {number}",
        )
        proposals.append(Proposal(id=name, finding=finding, supporters=(seat,), traits=Traits()))
        votes[name] = tuple(_vote(dice, other, good) for other in PRECISION if other != seat)
        if good:
            right.add(finding.title)
    return tuple(proposals), votes, frozenset(right)


def _vote(dice: random.Random, seat: str, good: bool) -> SeatVote:
    agrees = dice.random() < (0.55 if good else 0.40)
    stance = Stance.CONFIRM if agrees else dice.choice((Stance.REJECT, Stance.UNSURE, Stance.UNSURE))
    return SeatVote(seat=seat, stance=stance, evidence="")


class _Score(NamedTuple):
    hits: int
    posted: int
    there: int

    @property
    def f1(self) -> float:
        return 2 * self.hits / max(1, self.posted + self.there)


def _scored(
    pulls: Sequence[tuple[tuple[Proposal, ...], dict[str, tuple[SeatVote, ...]], frozenset[str]]], seats: tuple[SeatFacts, ...]
) -> _Score:
    """Of the recommended findings, over all reviews together."""
    hits = posted = there = 0
    for proposals, votes, right in pulls:
        minutes = RankingInputs(proposals=proposals, votes=votes, sittings=seats, critics=tuple(seat.seat for seat in seats))
        chosen = [each for each in rerank(minutes, DEFAULT, None) if each.standing is ProposalStanding.RECOMMENDED]
        hits += sum(each.finding.title in right for each in chosen)
        posted += len(chosen)
        there += len(right)
    return _Score(hits, posted, there)
