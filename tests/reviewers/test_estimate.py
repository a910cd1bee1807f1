"""The estimated cost of a council: the second round reads from the vendor's cache, but the worst case does not rely on it."""

import pytest

from reviewers.council.estimate import Payer, estimate
from reviewers.models.price import Price
from reviewers.seats.structured_query import LookAllowance, SeatLimits

PLAIN = Price(input=5e-6, output=25e-6)
CACHING = Price(input=5e-6, output=25e-6, cached=0.5e-6, written=6.25e-6)


@pytest.mark.parametrize(
    ("price", "tokens", "read_before", "usd"),
    [
        (PLAIN, 10_000, 0, 0.05),
        (PLAIN, 10_000, 9_000, 0.05),
        (CACHING, 10_000, 0, 0.0625),
        (CACHING, 10_000, 9_000, 0.0095),
    ],
)
def test_the_likely_cost_of_a_call(price: Price, tokens: int, read_before: int, usd: float) -> None:
    assert price.likely(tokens, 0, read_before) == pytest.approx(usd)


def test_a_cache_lowers_the_likely_cost_but_not_the_worst_case() -> None:
    councils = {price: estimate((12_000,), [Payer(prices=(price,))] * 2, None) for price in (PLAIN, CACHING)}
    assert councils[CACHING].likely < 0.85 * councils[PLAIN].likely
    assert councils[CACHING].at_most > councils[PLAIN].at_most
    for council in councils.values():
        assert council.likely <= council.needed <= council.at_most


@pytest.mark.parametrize("turns", [1, 3])
@pytest.mark.parametrize("price", [PLAIN, CACHING])
def test_looks_are_reserved_for_one_turn(price: Price, turns: int) -> None:
    """They at most double the usual cost."""
    seats, chair = [Payer(prices=(price,))] * 3, Payer(prices=(price,))
    still = estimate((12_000,), seats, chair)
    looking = estimate((12_000,), seats, chair, SeatLimits(looks=LookAllowance(turns=turns)))
    assert still.likely < looking.likely and still.needed < looking.needed and still.at_most < looking.at_most
    assert looking.likely <= looking.needed <= looking.at_most
    if turns == 1 and price is CACHING:
        assert looking.likely < 2 * still.likely


def test_a_seat_with_a_small_window_pays_for_its_own_parts() -> None:
    payers = Payer(prices=(PLAIN,)), Payer(prices=(PLAIN,), prompts=(2_000,) * 4)
    large, parts = (estimate((12_000,), [payer], None) for payer in payers)
    assert parts == estimate((2_000,) * 4, [payers[0]], None) != large
