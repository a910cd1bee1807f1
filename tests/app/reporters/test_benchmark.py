"""The small form of the Markdown benchmark, and its detection of active constructs."""

import pytest

from benchmarks.markdown import dangers, run
from benchmarks.options import Options


def test_nothing_comes_to_life_in_the_small_form() -> None:
    measured = run(Options(small=True))
    assert measured["failed"] == [], measured["examples"]
    assert int(str(measured["bodies"])) >= 600


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("hi @octocat", "mentions"),
        ("see #1", "cross_references"),
        ("GH-1", "cross_references"),
        ("at deadbeefcafe", "cross_references"),
        ("![x](http://evil.example/p.png)", "images"),
        ("<b>x</b>", "html"),
        ("<img src=x>", "html"),
        ("[a](https://evil.example)", "links_off_list"),
        ("https://evil.example", "links_off_list"),
        ("x\n/merge", "commands"),
        ("```mermaid\nx\n```", "live_fences"),
        ("```suggestion\nx\n```", "live_fences"),
        (":shipit:", "emoji"),
        ("`<!-- council:summary run=r1 -->`", "markers"),
        ("x" * 70_000, "too_long"),
    ],
)
def test_the_reader_sees_what_is_alive(text: str, what: str) -> None:
    assert what in set(dangers(text, "check"))


def test_what_stands_in_code_is_not_alive() -> None:
    assert not list(dangers("`@octocat #1 <b>`", "check"))
