"""Checks looks with scripted seats: what the repository proves is confirmed, what it refutes is rejected, and no cap is exceeded.

Each case is a small repository. One seat raises a break that only an unchanged caller shows, another a break that every caller prevents.
The critics look, and vote with the line they saw; without looks they can only be unsure. Time is virtual: a turn takes `--model-s` seconds.
"""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks import virtual_time
from benchmarks.bars import Bar, Count, at_least, at_most, exactly, judged
from benchmarks.looking_cases import Case, make_case
from benchmarks.looking_seats import Bill, LookingMember, MemoryBook
from benchmarks.options import Options, progress
from reviewers.council.deliberation import Council, deliberate
from reviewers.council.presets import LOOK_TURNS, Preset
from reviewers.models.wrappers import RecordingModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.shared_material import SharedMaterial
from reviewers.seats.structured_query import LookAllowance, SeatLimits
from reviewers.values.brief import Brief
from reviewers.values.verdict import Outcome, ProposalStanding, RankedFinding, Verdict

_SEATS = ("openai/seat", "anthropic/seat", "google/seat")
_TURN_SECONDS = 30.0
_SEAT_SECONDS, _RUN_SECONDS = 120.0, 300.0
_AT_ONCE = 20


@dataclass(frozen=True)
class Review:
    """The end of one council on a case, its cost, and its duration in virtual seconds."""

    verdict: Verdict
    bill: Bill
    seconds: float
    members: tuple[LookingMember, ...]


def run(options: Options) -> dict[str, object]:
    """`confirmed` and `refuted` are shares of the cases, `cost_ratio` is dollars with looks over dollars without."""
    return virtual_time.run(_measure(options, options.n or (20 if options.small else 200)), step=1.0)


async def _measure(options: Options, n: int) -> dict[str, object]:
    cases = [make_case(options.seed, number) for number in range(n)]
    allowance = LookAllowance(turns=LOOK_TURNS[Preset.BALANCED])
    looking, still, again = [], [], 0
    for start in range(0, n, _AT_ONCE):
        batch = cases[start : start + _AT_ONCE]
        looking += await asyncio.gather(*(_review(case, allowance) for case in batch))
        still += await asyncio.gather(*(_review(case, LookAllowance()) for case in batch))
        again += sum(await asyncio.gather(*(_bought_twice(case, allowance, start + at) for at, case in enumerate(batch[::4]))))
        progress(f"{start + len(batch)} of {n} cases")
    pairs = list(zip(cases, looking, strict=True))
    confirmed = sum(_is_confirmed(case, review) for case, review in pairs)
    refuted = sum(_is_refuted(case, review) for case, review in pairs)
    blind = sum(_is_confirmed(case, review) or _is_refuted(case, review) for case, review in zip(cases, still, strict=True))
    usd, usd_still = (sum(review.bill.usd for review in reviews) for reviews in (looking, still))
    measured: dict[str, object] = {
        "cases": n,
        "confirmed": round(confirmed / n, 4),
        "refuted": round(refuted / n, 4),
        "without_looks": round(blind / n, 4),
        "over_caps": sum(len(list(_passed(review, allowance))) for review in looking),
        "bought_twice": again,
        "leaks": sum(case.secret in text for case, review in pairs for text in review.bill.texts),
        "timed_out": sum(seat.opinion is Outcome.TIMEOUT for review in looking for seat in review.verdict.seats),
        "wall_calls": round(max(review.seconds for review in looking) / _TURN_SECONDS, 2),
        "cost_ratio": round(usd / usd_still, 3),
        "looks": sum(len(seat.looks) for review in looking for seat in review.verdict.seats),
        "usd": {"looking": round(usd / n, 4), "without": round(usd_still / n, 4)},
    }
    counts = (Count("cases", n, 200, small=20, asked=True), Count("looks", int(str(measured["looks"])), 4 * n, small=4 * n))
    bars = (
        Bar("confirmed", confirmed / n, at_least(1.0), counts),
        Bar("refuted", refuted / n, at_least(1.0), counts),
        Bar("without_looks", blind, exactly(0), counts),
        *(Bar(name, float(str(measured[name])), exactly(0), counts) for name in ("over_caps", "bought_twice", "leaks", "timed_out")),
        Bar("wall_calls", float(str(measured["wall_calls"])), at_most(5.0), counts),
        Bar("cost_ratio", usd / usd_still, at_most(2.0), counts),
    )
    return judged(options, measured, bars)


async def _review(case: Case, allowance: LookAllowance, book: MemoryBook | None = None) -> Review:
    bill = Bill()
    members = tuple(LookingMember(name, number, case, bill, _TURN_SECONDS) for number, name in enumerate(_SEATS))
    limits = SeatLimits(seconds=_SEAT_SECONDS - 5, looks=allowance)
    shared = SharedMaterial(len(members), repository=case.view())
    models = [RecordingModel(member, book or MemoryBook()) for member in members]
    seats = tuple(ModelSeat(model, time.monotonic, limits, shared=shared) for model in models)
    council = Council(seats=seats, chair=models[0], seat_seconds=_SEAT_SECONDS, run_seconds=_RUN_SECONDS)
    started = time.monotonic()
    verdict = await deliberate(Brief(seed=case.name), case.snapshot, council)
    return Review(verdict, bill, time.monotonic() - started, members)


async def _bought_twice(case: Case, allowance: LookAllowance, number: int) -> int:
    """Questions that were asked again although their answer was stored, after a run was stopped in the middle and restarted."""
    book = MemoryBook()
    first = asyncio.create_task(_review(case, allowance, book))
    await asyncio.sleep(_TURN_SECONDS * (0.5 + number % 4))
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    stored = set(book.answers)
    await _review(case, allowance, book)
    return len(stored & set(book.again))


def _is_confirmed(case: Case, review: Review) -> bool:
    """Whether the true break is to fix, with the caller's line as its evidence and as that of a vote."""
    ranked = _find(review, case.true_title)
    if ranked is None or ranked.standing is not ProposalStanding.RECOMMENDED:
        return False
    proofs = [vote.proof for vote in ranked.votes if vote.proof is not None]
    return case.proof in ranked.finding.evidence and case.proof in proofs


def _is_refuted(case: Case, review: Review) -> bool:
    """Whether the false break was rejected by the line that refutes it."""
    ranked = _find(review, case.false_title)
    return (
        ranked is not None and ranked.standing is ProposalStanding.REJECTED and any(vote.proof == case.refutation for vote in ranked.votes)
    )


def _find(review: Review, title: str) -> RankedFinding | None:
    return next((ranked for ranked in review.verdict.ranked if ranked.finding.title == title), None)


def _passed(review: Review, allowance: LookAllowance) -> Iterator[str]:
    """The caps that a review exceeded: turns, looks and tokens of each seat and round."""
    for member in review.members:
        for purpose, turns, shown in member.rounds():
            if turns > allowance.turns:
                yield f"{member.name} {purpose}: {turns} turns"
            if shown > allowance.tokens * max(1, turns) * 1.1:
                yield f"{member.name} {purpose}: {shown} tokens"
    for seat in review.verdict.seats:
        for stage in ("opinion", "critique"):
            if sum(look.stage == stage and not look.refused for look in seat.looks) > allowance.looks:
                yield f"{seat.seat} {stage}: too many looks"
