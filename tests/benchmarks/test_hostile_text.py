"""Every reader of foreign text is driven, and superlinear time is detected."""

import re

import pytest

from benchmarks import hostile_text
from benchmarks.adversarial import families
from benchmarks.foreign_text import find_sites
from benchmarks.options import Options
from benchmarks.text_doors import BUILT, DOORS, EXEMPT


def test_every_pattern_and_parser_is_driven_or_exempt() -> None:
    sites = find_sites()
    entries = hostile_text.all_entries(sites)
    assert hostile_text.uncovered(sites) == [], "drive it in benchmarks/text_doors.py"
    assert len(entries) >= 100 and len(EXEMPT) <= 10
    assert {*DOORS, *BUILT, *EXEMPT} <= {site.name for site in sites}, "a table names a site that is gone"
    assert min(len(entry.texts) for entry in entries) >= 12


@pytest.mark.slow
@pytest.mark.parametrize("pattern", [r"\w+\.x", r"^\s*\n*x", r"<a>.*?</a>", r"\d+-x"])
def test_a_superlinear_pattern_is_detected(pattern: str) -> None:
    texts = families(pattern, re.S | re.M)
    entry = hostile_text.Entry("it", hostile_text._uses(re.compile(pattern, re.S | re.M), ("search",)), texts)
    # Other work on the machine may hide it once.
    assert any(hostile_text._measure(entry, Options(small=True))[1] for _ in range(3))


def test_a_linear_pattern_passes() -> None:
    pattern = r"(?<!\w)\w++\.x"
    entry = hostile_text.Entry("it", hostile_text._uses(re.compile(pattern), ("search",)), families(pattern, 0))
    assert hostile_text._measure(entry, Options(small=True))[1] == []
