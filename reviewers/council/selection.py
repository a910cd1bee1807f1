"""Chooses the models of a pool for the seats, each decision with its reason: by complexity, domain, urgency, budget and record."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from reviewers.council.demand import Demand
from reviewers.council.estimate import Estimate, Payer, estimate
from reviewers.council.presets import STYLES, EffortLevel, Order, Preset, Style
from reviewers.learning.reliability import PRIOR, Reliability
from reviewers.models.price import Price
from reviewers.models.vendors import short_names
from reviewers.seats.structured_query import SeatLimits
from reviewers.values.value import FrozenValue

MOST = 5
# Two models of one vendor make similar mistakes; a third adds next to nothing.
_OF_ONE_VENDOR = 2
# The weight of a seat's record relative to its place in the order: log-odds of e are worth this many places.
_RECORD = 2.0
_URGENT_MOST = 3


class Candidate(FrozenValue):
    """A model that may get a seat. `prices` are those of each route to it, in the order of use; None is an unknown price.

    `prompts` are the tokens of the parts for its window if that is too small for the common parts, else None.
    `seconds` is its recent response time, None if unknown. `bar` says why it cannot get a seat, or is "".
    """

    model: str
    vendor: str
    prices: tuple[Price | None, ...] = (None,)
    window: int | None = None
    prompts: tuple[int, ...] | None = None
    record: Reliability = PRIOR
    seconds: float | None = None
    bar: str = ""


class Wish(FrozenValue):
    """What was requested. `named` means that people named exactly these seats; `budget` is the limit in US dollars, None for no limit.

    `cap` says which cap leaves that budget, and who can raise it.
    `chair` is the model that words the verdict, None for the first seat.
    `author_vendor` is the vendor whose models wrote the change, or "".
    """

    preset: Preset | None = None
    named: bool = False
    budget: float | None = None
    cap: str = ""
    capped: bool = True
    chair: Candidate | None = None
    author_vendor: str = ""


class Selection(FrozenValue):
    """The chosen models, in the order of the pool, with one line per decision and their cost.

    `unable` says why no model of a pool can be chosen, or is "". `author_vendor` is the vendor whose models wrote the change, or "".
    """

    models: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    cost: Estimate = Estimate()
    unable: str = ""
    author_vendor: str = ""

    @property
    def by_seat(self) -> dict[str, str]:
        """The model of each seat, by the seat's name."""
        return dict(zip(short_names(self.models), self.models, strict=True))


def select(pool: Sequence[Candidate], asked: Demand, wish: Wish, limits: SeatLimits = SeatLimits()) -> Selection:  # noqa: B008 - frozen
    """The seats for a change. Models that cannot answer or be paid are left out; the preset is filled as far as the budget allows."""
    return _Choice(tuple(pool), asked, wish, limits).selection()


@dataclass
class _Choice:
    """The state of one choice."""

    pool: tuple[Candidate, ...]
    asked: Demand
    wish: Wish
    limits: SeatLimits
    reasons: list[str] = field(default_factory=list)

    def selection(self) -> Selection:
        able = self._able()
        preset = self._preset()
        many = self._many(preset, len(able))
        ranked = self._ranked(able, preset)
        seats = _diverse(ranked, many, MOST if self.wish.named else _OF_ONE_VENDOR)
        self._headline(seats, able, preset)
        self._left_out(able, seats)
        seats = self._affordable(seats, ranked)
        self._vendors(seats, able)
        self._beside_author(seats, able)
        models = tuple(candidate.model for candidate in self.pool if candidate in seats)
        unable = "" if seats or not self.pool else self._unable(able)
        wrote = self.wish.author_vendor
        return Selection(models=models, reasons=tuple(self.reasons), cost=self._cost(seats), unable=unable, author_vendor=wrote)

    def _able(self) -> list[Candidate]:
        """The models that can be asked and paid at all."""
        able: list[Candidate] = []
        barred: list[str] = []
        for candidate in self.pool:
            problem = candidate.bar
            if not problem and self.wish.capped and candidate.prices[0] is None:
                problem = "its price is unknown, so it cannot be kept under a budget"
            if not problem and candidate.window is not None and candidate.window < self._least_window(candidate):
                problem = f"its context of {candidate.window:,} tokens is too small for this change"
            if problem:
                barred.append(f"{candidate.model} is left out: {problem}")
            else:
                able.append(candidate)
        # In a default pool, missing models are not reported as long as some can be chosen.
        self.reasons += barred if self.wish.named or not able else []
        return able

    def _least_window(self, candidate: Candidate) -> int:
        """The context that its longest part and the answer to it take."""
        if candidate.prompts is None:
            return max(self.asked.prompts, default=0) + self.limits.opinion_tokens
        return max(candidate.prompts, default=0) + self.limits.within(candidate.window).opinion_tokens

    def _preset(self) -> Preset | None:
        """The preset that applies; without one, all named seats are chosen."""
        return self.wish.preset or (None if self.wish.named else Preset.BALANCED)

    def _many(self, preset: Preset | None, able: int) -> int:
        many = min(able, MOST) if preset is None else STYLES[preset].seats[self.asked.level]
        if self.asked.urgent and preset is not Preset.DEEP:
            many = min(many, _URGENT_MOST)
        return many

    def _ranked(self, able: Sequence[Candidate], preset: Preset | None) -> list[Candidate]:
        """Best first: in the order of the preset or of urgency, adjusted by each seat's record."""
        order = _order(STYLES[preset] if preset else None, self.asked)
        places = {each.model: place for place, each in enumerate(sorted(able, key=self._key(order)))}
        return sorted(able, key=lambda each: (places[each.model] - _RECORD * each.record.odds(PRIOR), places[each.model]))

    def _key(self, order: Order) -> Callable[[Candidate], float]:
        if order == "cheap":
            return lambda each: self._cost([each]).likely
        if order == "quick":
            known = [candidate.seconds for candidate in self.pool if candidate.seconds is not None]
            usual = sorted(known)[len(known) // 2] if known else 0.0
            # Without response times, the small models count as the cheap and the fast ones.
            return lambda each: (usual if each.seconds is None else each.seconds) + self._cost([each]).likely * (0.001 if known else 1.0)
        if order == "strong":
            return lambda each: -(each.prices[0].output if each.prices[0] else 0.0)
        return lambda each: 0.0

    def _affordable(self, seats: list[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
        """The same seats, or cheaper or fewer ones, until they can be paid: the most expensive is replaced first."""
        while seats and not self._cost(seats).within(self.wish.budget):
            dearest = sorted(seats, key=self._alone, reverse=True)
            out, into = next(((candidate, to) for candidate in dearest if (to := self._instead(candidate, seats, ranked))), (None, None))
            if out is None:
                vendors = [seat.vendor for seat in seats]
                out = next((candidate for candidate in dearest if vendors.count(candidate.vendor) > 1), dearest[0])
            at = seats.index(out)
            seats = [*seats[:at], *([into] if into else []), *seats[at + 1 :]]
            said = f"{into.model} replaces {out.model}" if into else f"{out.model} is left out"
            self.reasons.append(f"{said}: {_dollars(self.wish.budget)} may be spent")
        return self._of_two_vendors(seats, ranked)

    def _of_two_vendors(self, seats: list[Candidate], ranked: Sequence[Candidate]) -> list[Candidate]:
        """The same seats or, if the budget left a single vendor, others of two vendors that can be paid: one replaced, else any pair."""
        if len(seats) < 2 or len({seat.vendor for seat in seats}) > 1:
            return seats
        strangers = [candidate for candidate in ranked if candidate.vendor != seats[0].vendor]
        exchanged = ([seat for seat in seats if seat is not out] + [into] for out in reversed(seats) for into in strangers)
        pairs = (list(pair) for pair in combinations(ranked, 2) if pair[0].vendor != pair[1].vendor)
        candidates = next((each for each in (*exchanged, *pairs) if self._cost(each).within(self.wish.budget)), None)
        if candidates is None:
            return seats
        self.reasons.append(
            f"{' and '.join(each.model for each in candidates if each not in seats)} is chosen so that two vendors take part"
        )
        return candidates

    def _beside_author(self, seats: Sequence[Candidate], able: Sequence[Candidate]) -> None:
        """Report it if all chosen models are of the vendor that wrote the change.

        Vendors come first in every choice, so this happens only with small pools and small budgets. It changes no seat: a person who names
        a vendor in a trailer does not decide whose models are asked.
        """
        wrote = self.wish.author_vendor
        if wrote and seats and all(seat.vendor == wrote for seat in seats):
            why = "can be asked" if all(candidate.vendor == wrote for candidate in able) else "fits into the budget"
            self.reasons.append(f"no model of another vendor than {wrote}, whose models wrote the change, {why}")

    def _unable(self, able: Sequence[Candidate]) -> str:
        """Why no model can be chosen."""
        if not able:
            return "; ".join(self.reasons[1:]) or "no model is left to ask"
        least = min(self._alone(candidate) for candidate in able)
        spendable = f"the cheapest may need {_dollars(least)}, and {_dollars(self.wish.budget)} may be spent"
        return f"no seat fits into the budget: {spendable}{self.wish.cap and f' ({self.wish.cap})'}"

    def _instead(self, dear: Candidate, seats: Sequence[Candidate], ranked: Sequence[Candidate]) -> Candidate | None:
        """A cheaper model of the same vendor, else of a vendor that has no seat yet, else a second of another."""
        needs = self._alone(dear)
        vendors = [seat.vendor for seat in seats if seat is not dear]
        cheaper = [candidate for candidate in ranked if candidate not in seats and self._alone(candidate) < needs]
        same = [candidate for candidate in cheaper if candidate.vendor == dear.vendor]
        new = [candidate for candidate in cheaper if candidate.vendor not in vendors]
        return next(iter([*same, *new, *(candidate for candidate in cheaper if vendors.count(candidate.vendor) < _OF_ONE_VENDOR)]), None)

    def _alone(self, candidate: Candidate) -> float:
        return self._cost([candidate]).needed

    def _cost(self, seats: Sequence[Candidate]) -> Estimate:
        chair = self.wish.chair or next((candidate for candidate in self.pool if candidate in seats), None)
        paying = _payer(chair) if chair and seats else None
        return estimate(self.asked.prompts or (0,), [_payer(seat) for seat in seats], paying, self.limits)

    def _headline(self, seats: Sequence[Candidate], able: Sequence[Candidate], preset: Preset | None) -> None:
        if not self.pool:
            self.reasons.insert(0, "no model is configured")
            return
        why = f"preset {preset}" if preset and self.wish.preset else "named by the settings" if preset is None else "no preset: balanced"
        urgent = f"; urgent: {self.asked.urgent}" if self.asked.urgent else ""
        self.reasons.insert(0, f"{len(seats)} of {len(able)} models for {self.asked.said}; {why}{urgent}")

    def _left_out(self, able: Sequence[Candidate], seats: Sequence[Candidate]) -> None:
        """Report the reason for each named model that is not chosen; a default pool reports none."""
        if not self.wish.named:
            return
        many = f"at most {len(seats)} models review this change"
        self.reasons += [f"{candidate.model} is left out: {many}" for candidate in able if candidate not in seats]

    def _vendors(self, seats: Sequence[Candidate], able: Sequence[Candidate]) -> None:
        if len(seats) > 1 and len({seat.vendor for seat in seats}) == 1:
            alone = len({candidate.vendor for candidate in able}) == 1
            self.reasons.append(f"one vendor only: {'its models tend to make the same mistakes' if alone else 'the others cost too much'}")
        candidates = [seat for seat in seats if seat.record != PRIOR]
        if candidates:
            said = ", ".join(f"{each.model} {each.record.mean:.0%} right (n = {each.record.seen:.0f})" for each in candidates)
            self.reasons.append(f"records: {said}")


def _order(style: Style | None, asked: Demand) -> Order:
    if asked.urgent and (style is None or style.order == "wish"):
        return "quick"
    if style is None:
        return "wish"
    return "cheap" if style.order == "wish" and asked.level is EffortLevel.TRIVIAL else style.order


def _diverse(ranked: Sequence[Candidate], many: int, of_one_vendor: int) -> list[Candidate]:
    """The first of this many models, a second of one vendor only after every vendor has one."""
    turns: dict[str, int] = {}
    placed: list[tuple[int, int, Candidate]] = []
    for index, each in enumerate(ranked):
        turns[each.vendor] = turns.get(each.vendor, 0) + 1
        placed.append((turns[each.vendor], index, each))
    return [each for turn, _, each in sorted(placed, key=lambda one: one[:2]) if turn <= of_one_vendor][:many]


def _payer(candidate: Candidate) -> Payer:
    prices = tuple(price for price in candidate.prices if price) or (Price(input=0.0, output=0.0),)
    return Payer(prices=prices, prompts=candidate.prompts)


def _dollars(usd: float | None) -> str:
    return "any sum" if usd is None else f"${usd:.2f}"
