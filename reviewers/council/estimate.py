"""Estimates a council's cost before it starts: the amount that must be free for it, its usual cost, and its maximum."""

from collections.abc import Sequence

from reviewers.models.price import FREE, Price
from reviewers.seats.structured_query import MORE_ROOM, LookAllowance, SeatLimits
from reviewers.values.value import FrozenValue

# The frame around a seat's prompt: the system text, the task and the schema.
_FRAME = 1_500
# The usual size of answers, thinking included, and how many questions are repeated because the first answer could not be read.
_OPINION, _CRITIQUE, _WORDS, _AGAIN = 1_800, 1_000, 600, 1.1
_BALLOT = 1_200
# An answer that requests looks, and the instructions for looks.
_LOOKS = 400
# Findings return in other prompts as JSON with escapes, labels and places; analyzers and failing checks add theirs.
_ECHO, _OTHERS = 1.6, 4_000
CHAIR_TOKENS = 2_000


class Payer(FrozenValue):
    """A seat or a chair for the estimate: the price of each route to its model, in the order of use.

    `prompts` are the tokens of the parts for its window if that is too small for the common parts, else None.
    """

    prices: tuple[Price, ...] = (FREE,)
    prompts: tuple[int, ...] | None = None


class Estimate(FrozenValue):
    """US dollars. `needed` must be free so that no seat is refused if answers have their usual length, and the last call waits once.

    A ledger makes a call wait while the calls in flight may still take what is left (app/queue/ledger.py); most take a third of it. A
    seat that waits for longer than one answer would miss its deadline, so half of a round's calls must fit at once.

    `likely` is the usual cost; `at_most` is an upper bound: every question asked twice, the second time with more room, every route
    tried and billed, every answer full.
    """

    needed: float = 0.0
    likely: float = 0.0
    at_most: float = 0.0

    def within(self, budget: float | None) -> bool:
        """Whether the council may begin with that much money; None is unlimited."""
        return budget is None or self.needed <= budget + 1e-9


def estimate(prompts: Sequence[int], seats: Sequence[Payer], chair: Payer | None, limits: SeatLimits = SeatLimits()) -> Estimate:  # noqa: B008 - frozen
    """The cost of a council on a change whose parts have these token counts."""
    written = max([len(prompts), *(len(seat.prompts) for seat in seats if seat.prompts is not None)]) * limits.opinion_tokens
    others = max(0, len(seats) - 1)
    listed = int(written * others * _ECHO) + _OTHERS
    ranked = int(written * len(seats) * _ECHO) + _OTHERS
    critics = seats if len(seats) > 1 else ()
    looks = limits.looks
    said = [_likely(seat, prompts, _OPINION, looks) for seat in seats]
    judged = [_likely(seat, prompts, _CRITIQUE, looks, again=True) for seat in critics]
    shown = looks.turns * (looks.tokens + _LOOKS)
    first = _round([_reserved(seat, prompts, _FRAME + shown, limits.opinion_tokens) for seat in seats], said)
    second = sum(said) + _round([_reserved(seat, prompts, _FRAME + _BALLOT + shown, limits.critique_tokens) for seat in critics], judged)
    usual = sum(said) + sum(judged)
    wording = chair.prices[0].reserved(_FRAME + _BALLOT, CHAIR_TOKENS) if chair else 0.0
    worded = chair.prices[0].likely(_FRAME + _BALLOT, _WORDS) if chair else 0.0
    calls = [_FRAME + turn * (looks.tokens + limits.opinion_tokens) for turn in range(looks.turns + 1)]
    most = sum(_most(seat, prompts, more, limits.opinion_tokens) for seat in seats for more in calls)
    most += sum(_most(seat, prompts, more + listed, limits.critique_tokens) for seat in critics for more in calls)
    most += _most(Payer(prices=chair.prices), (0,), _FRAME + ranked, CHAIR_TOKENS) if chair else 0.0
    return Estimate(needed=max(first, second, usual + wording), likely=usual + worded, at_most=most)


def _round(reserved: Sequence[float], likely: Sequence[float]) -> float:
    """The amount that must be free for a round: half of it at once, and the last call in addition to what the others took."""
    last = max((full - usual for full, usual in zip(reserved, likely, strict=True)), default=0.0)
    return max(sum(reserved) / 2, sum(likely) + last)


def _parts(payer: Payer, prompts: Sequence[int]) -> Sequence[int]:
    return prompts if payer.prompts is None else payer.prompts


def _reserved(payer: Payer, prompts: Sequence[int], more: int, output: int) -> float:
    return sum(payer.prices[0].reserved(tokens + more, output) for tokens in _parts(payer, prompts))


def _likely(payer: Payer, prompts: Sequence[int], output: int, looks: LookAllowance, *, again: bool = False) -> float:
    """A round's usual cost, with every turn in which a seat may look; the second round begins with the prompt of the first.

    A turn shows half of its maximum, and its call reads what was sent before from the vendor's cache.
    """
    price, usd = payer.prices[0], 0.0
    for tokens in _parts(payer, prompts):
        read = tokens if again else 0
        size = tokens + _FRAME
        for _ in range(looks.turns):
            usd += price.likely(size, _LOOKS, read)
            read, size = size, size + _LOOKS + looks.tokens // 2
        usd += price.likely(size, output, read)
    return _AGAIN * usd


def _most(payer: Payer, prompts: Sequence[int], more: int, output: int) -> float:
    # A question is repeated if its answer cannot be read: the prompt then says what was wrong, and there may be more room.
    twice = (output, output * MORE_ROOM)
    return sum(
        price.reserved(tokens + more + _FRAME, room) for tokens in _parts(payer, prompts) for price in payer.prices for room in twice
    )
