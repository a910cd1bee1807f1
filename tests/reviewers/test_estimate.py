"""What a council will cost: the second round reads from the vendor's cache, the worst case does not count on it."""

import pytest

from reviewers.council.estimate import Payer, estimate
from reviewers.models.price import Price

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
def test_what_a_call_likely_costs(price: Price, tokens: int, read_before: int, usd: float) -> None:
    assert price.likely(tokens, 0, read_before) == pytest.approx(usd)


def test_a_vendor_s_cache_makes_the_second_round_cheap_but_not_the_worst_case() -> None:
    councils = {price: estimate((12_000,), [Payer(prices=(price,))] * 2, None) for price in (PLAIN, CACHING)}
    assert councils[CACHING].likely < 0.85 * councils[PLAIN].likely
    assert councils[CACHING].at_most > councils[PLAIN].at_most
    for each in councils.values():
        assert each.likely <= each.needed <= each.at_most
