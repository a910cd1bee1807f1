"""Checks the choice of seats over random pools, prices, changes and budgets: never over budget, two vendors whenever possible.

Independent sums judge the choices. Some of the chosen councils really run, with scripted models and a bill for every call, including
models that make Council repeat every question, try every route and receive full answers; `at_most` and the cap must hold.
"""

import asyncio
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path

from app.store.engine.database import open_database
from benchmarks.bars import Bar, Count, at_least, exactly, judged
from benchmarks.counted import Bench, change
from benchmarks.options import Options, progress
from reviewers.context.packing import split
from reviewers.context.redaction import redact
from reviewers.context.tokens import count
from reviewers.council.demand import Demand, measure_demand
from reviewers.council.estimate import Payer, estimate
from reviewers.council.presets import EffortLevel, Preset
from reviewers.council.selection import Candidate, Selection, Wish, select
from reviewers.learning.reliability import Outcomes, shrunk_reliability
from reviewers.models.price import FREE, Price
from reviewers.seats.structured_query import SeatLimits
from reviewers.values.brief import Brief

_VENDORS = ("openai/gpt", "anthropic/claude", "gemini/gemini", "mistral/mistral", "deepseek/deepseek", "xai/grok")
# US dollars per million output tokens; input costs a tenth to a third of it.
_DOLLARS = (0.0, 0.3, 0.6, 2.0, 4.0, 10.0, 15.0, 30.0, 75.0)
_MOODS = ("calm", "wild", "worst")


@dataclass
class _Tally:
    """The counts over all cases."""

    over_budget: int = 0
    needless: int = 0
    fewest: list[int] = field(default_factory=list)
    seated: list[int] = field(default_factory=list)
    unable: int = 0
    above_at_most: int = 0
    above_cap: int = 0
    refused_first: int = 0
    fullest: float = 0.0
    fullest_by: dict[str, float] = field(default_factory=dict)
    calls: int = 0


def run(options: Options) -> dict[str, object]:
    """`vendors_min` is the fewest vendors of a council of two or more in a case where two vendors were available."""
    cases = options.n or (300 if options.small else 20_000)
    councils = max(6, cases // 60)
    tally = _Tally()
    for number in range(cases):
        _choose(random.Random(f"{options.seed}:{number}"), tally)
    progress(f"{cases} choices, {tally.unable} without a seat")
    asyncio.run(_sit(options, councils, tally))
    fewest = min(tally.fewest, default=0)
    measured: dict[str, object] = {
        "cases": cases,
        "councils": councils,
        "over_budget": tally.over_budget + tally.above_cap,
        "vendors_min": fewest,
        "vendors_judged": len(tally.fewest),
        "none_though_payable": tally.needless,
        "unable": tally.unable,
        "seats": {size: tally.seated.count(size) for size in sorted(set(tally.seated))},
        "above_at_most": tally.above_at_most,
        "fullest_at_most": {mood: round(share, 3) for mood, share in sorted(tally.fullest_by.items())},
        "refused_in_the_first_round": tally.refused_first,
        "calls": tally.calls,
    }
    seated = sum(size > 0 for size in tally.seated)
    counts = (
        Count("cases", cases, 2_000, small=200, asked=True),
        Count("seated", seated, cases // 2),
        Count("vendors_judged", len(tally.fewest), cases // 10),
        Count("calls", tally.calls, 3 * councils),
        Count("unable", tally.unable, 1),
    )
    bars = (
        Bar("over_budget", tally.over_budget + tally.above_cap, exactly(0), counts),
        Bar("vendors_min", fewest, at_least(2), counts),
        Bar("none_though_payable", tally.needless, exactly(0), counts),
        Bar("above_at_most", tally.above_at_most, exactly(0), counts),
        Bar("refused_in_the_first_round", tally.refused_first, exactly(0), counts),
    )
    return judged(options, measured, bars)


def _choose(dice: random.Random, tally: _Tally) -> None:
    pool, asked, wish = _pool(dice), _demand(dice), _wish(dice)
    chosen = select(pool, asked, wish)
    seats = [each for each in pool if each.model in chosen.models]
    tally.seated.append(len(seats))
    tally.unable += bool(chosen.unable)
    tally.over_budget += bool(seats) and not _payable(seats, asked, wish)
    able = [each for each in pool if _able(each, asked)]
    tally.needless += not seats and any(_payable([each], asked, wish) for each in able)
    if len(seats) > 1 and any(_payable(pair, asked, wish) for pair in combinations(able, 2) if pair[0].vendor != pair[1].vendor):
        tally.fewest.append(len({seat.vendor for seat in seats}))


def _able(candidate: Candidate, asked: Demand) -> bool:
    """Whether a model can get a seat, by the documented rules."""
    fits = candidate.window is None or candidate.window >= max(asked.prompts) + SeatLimits().opinion_tokens
    return not candidate.bar and candidate.prices[0] is not None and fits


def _payable(seats: Sequence[Candidate], asked: Demand, wish: Wish) -> bool:
    payers = [Payer(prices=tuple(price for price in seat.prices if price)) for seat in seats]
    return wish.budget is None or estimate(asked.prompts, payers, payers[0], SeatLimits()).needed <= wish.budget + 1e-9


def _pool(dice: random.Random) -> list[Candidate]:
    vendors = dice.sample(_VENDORS, dice.randrange(1, len(_VENDORS) + 1))
    return [_candidate(dice, dice.choice(vendors), number) for number in range(dice.randrange(1, 10))]


def _candidate(dice: random.Random, family: str, number: int) -> Candidate:
    output = dice.choice(_DOLLARS) * 1e-6
    price = Price(input=output * dice.uniform(0.1, 0.33), output=output) if output else FREE
    dearer = price.model_copy(update={"input": price.input * 1.055, "output": price.output * 1.055, "written": price.input * 1.3})
    prices: tuple[Price | None, ...] = (price, dearer) if dice.random() < 0.4 else (price,)
    wrong = dice.randrange(7) if dice.random() < 0.3 else 0
    return Candidate(
        model=f"{family}-{number}",
        vendor=family.split("/", maxsplit=1)[0],
        prices=(None,) if wrong == 1 else prices,
        window=dice.choice((4_000, 16_000)) if wrong == 2 else dice.choice((None, 128_000, 1_000_000)),
        record=shrunk_reliability(Outcomes(right=dice.randrange(60), wrong=dice.randrange(60)), Outcomes()),
        seconds=dice.choice((None, dice.uniform(2, 100))),
        bar="no key" if wrong == 3 else "",
    )


def _demand(dice: random.Random) -> Demand:
    prompts = tuple(dice.randrange(300, 24_000) for _ in range(dice.choice((1, 1, 1, 2, 4))))
    urgent = "branch hotfix/x" if dice.random() < 0.2 else ""
    return Demand(level=EffortLevel(dice.randrange(4)), lines=10, files=1, changed=1, prompts=prompts, urgent=urgent)


def _wish(dice: random.Random) -> Wish:
    budget = None if dice.random() < 0.1 else 10 ** dice.uniform(-3, 1)
    return Wish(preset=dice.choice([None, *Preset]), named=dice.random() < 0.4, budget=budget)


async def _sit(options: Options, councils: int, tally: _Tally) -> None:
    with tempfile.TemporaryDirectory() as data:
        database = open_database("", Path(data))
        await database.migrate()
        for number in range(councils):
            dice = random.Random(f"{options.seed}:council:{number}")
            await _one(Bench(database, dice, _MOODS[number % len(_MOODS)]), f"{options.seed}:{number}", tally)
            if number % 20 == 19:
                progress(f"{number + 1} of {councils} councils, {tally.calls} calls billed")
        await database.close()


async def _one(bench: Bench, seed: str, tally: _Tally) -> None:
    """Choose for a real change and run the council: the worst case without a cap, which must not exceed `at_most`; others also under it."""
    brief, snapshot = Brief(seed=seed), change(bench.dice)
    prompts = [count(packed.text) for packed in split(brief, redact(snapshot), "", SeatLimits().context_tokens, SeatLimits().parts)]
    asked = measure_demand(brief, snapshot, prompts)
    pool, wish = _pool(bench.dice), _wish(bench.dice)
    chosen: Selection = select(pool, asked, wish)
    seats = [each for each in pool if each.model in chosen.models]
    if not seats:
        return
    cap = None if bench.mood == "worst" else wish.budget
    ended = await bench.sit((brief, snapshot), seats, cap)
    tally.calls += ended.calls
    tally.above_at_most += ended.billed > chosen.cost.at_most + 1e-9
    tally.above_cap += cap is not None and ended.billed > cap + 1e-9
    # A seat with usual answers is never refused if the choice said that there is enough money.
    tally.refused_first += ended.refused if bench.mood == "calm" else 0
    if chosen.cost.at_most:
        share = ended.billed / chosen.cost.at_most
        tally.fullest_by[bench.mood] = max(share, tally.fullest_by.get(bench.mood, 0.0))
