"""The page on sizing: each calculation on it is right, and what it takes from the code is what the code says."""

import operator
import re

import pytest

from app.configuration.settings import read_settings
from app.github.pace import WINDOWS
from app.store.engine.postgres import POOL
from app.store.queue.claims import ConcurrencyLimits
from app.work.worker import Slots
from tests.docs.named import ROOT

PAGE = (ROOT / "docs/how-to/sizing.md").read_text("utf-8")
SUMS = re.findall(r"`([\d.,]+(?: [×÷] [\d.,]+)+) = ([\d.,]+)`", PAGE)
_SIGNS = {"×": operator.mul, "÷": operator.truediv}


def value(text: str) -> float:
    return float(text.replace(",", ""))


@pytest.mark.parametrize(("terms", "result"), SUMS)
def test_a_calculation_is_right(terms: str, result: str) -> None:
    first, *rest = terms.split()
    found = value(first)
    for sign, term in zip(rest[::2], rest[1::2], strict=True):
        found = _SIGNS[sign](found, value(term))
    assert found == pytest.approx(value(result), rel=0.02)


def test_every_calculation_is_checked() -> None:
    assert len(SUMS) == PAGE.count(" = ") >= 15


def test_the_limits_are_those_of_the_code() -> None:
    (_, _), (seconds, writes) = WINDOWS
    assert seconds == 3_600 and f"create content {writes} times an hour" in PAGE
    assert f"At most {ConcurrencyLimits().in_all} run" in PAGE and read_settings({}).reviews_at_once == ConcurrencyLimits().in_all
    assert f"A worker runs {Slots().reviews}:" in PAGE
    assert f"`PROVIDER_CALLS` is {read_settings({}).provider_calls}" in PAGE and f"8 × 2 × {POOL}" in PAGE
