"""One question, two specialists: their required material, their tasks and the form of their answers differ."""

from typing import Any

import pytest

from tests.stories.harness import InProcessSystem
from tests.stories.questions import POOL, ask, issue, script

ASKED = "the checkout of `total` in app/cart.py is slow and fails since the last release"


def by(specialist: str, title: str, **facets: str) -> dict[str, Any]:
    """A solution that only this specialist's task produces."""
    shaped = [{"name": name, "text": text} for name, text in facets.items()]
    return POOL | {"title": title, "facets": shaped, "when": f"specialist for `{specialist}`"}


EXPERTS = [
    by("debug", "The release removed the guard", hypothesis="`total` gets None.", probe="Log the argument: None means this, else not."),
    by("security", "The total is taken from the client", cwe="CWE-602: client-side enforcement", attack="A buyer sends a total of 0."),
    by(
        "performance",
        "Sum once, not per item",
        measured="4.120 s of 4.430 s are in `total`.",
        expected="0.3 s: one call in place of 100,000.",
    ),
    by(
        "architecture",
        "Keep prices beside the items",
        context="Carts grow.",
        decision="We store a running total.",
        consequences="Two writes.",
    ),
    by("quality", "One name for two things", harm="Every second change breaks the other use."),
    by("integration", "The shop sends strings", contract="The shop sends strings, the till expects cents."),
    by("tests", "Test the empty cart", cases="[] gives 0; [None] gives an error"),
    by("learn", "Read the sum first", exercise="Call `total` with a generator twice."),
    by("refactor", "Extract the sum", stays="The total of every cart."),
    by("explain", "It adds the prices"),
]


async def answers(system: InProcessSystem, *asked: str) -> list[str]:
    script(system, EXPERTS, EXPERTS, EXPERTS)
    made = issue(system, "It began with the last release.")
    said = [(await ask(system, made.number, each))[-1] for each in asked]
    assert len(set(said)) == len(said)
    return said


async def test_debug_and_security_need_and_return_different_parts(system: InProcessSystem) -> None:
    """Debug needs the error and separates hypotheses; security names the CWE."""
    debug, security = await answers(system, f"/council debug {ASKED}", f"/council security {ASKED}")
    assert debug.startswith("### The release removed the guard · possible")
    assert "**Needed for a certain answer:**\n\n- the error with its stack trace or log: `python -X dev COMMAND 2>&1 | tail -n 80`" in debug
    assert "**Hypothesis:** `total` gets None." in debug and "**Probe:** Log the argument" in debug
    assert security.startswith("### The total is taken from the client · likely")
    assert "**CWE:** CWE" in security and "602" in security and "who can reach it" in security


@pytest.mark.slow
async def test_performance_needs_a_profile_and_architecture_the_load(system: InProcessSystem) -> None:
    slow, build = await answers(system, f"/council performance {ASKED}", f"/council architecture {ASKED}")
    assert slow.startswith("### Sum once, not per item · possible")
    assert "- a profile or measurements: `py-spy record --format raw -o profile.txt -- python COMMAND`" in slow
    assert build.startswith("### Keep prices beside the items · possible")
    assert "- the load and the growth it must bear" in build and "**Decision:** We store a running total." in build
    profile = (
        "   ncalls  tottime  percall  cumtime\n  100000    4.120    0.000    4.120 cart.py:2(total)\n       1    0.310    0.310    4.430 x"
    )
    (known,) = await answers(system, f"/council performance {ASKED}\n\n```\n{profile}\n```")
    assert known.startswith("### Sum once, not per item · likely"), "the figures are there, so it may be sure"


@pytest.mark.parametrize(
    ("first", "second", "heads"),
    [
        ("quality", "refactor", ("### One name for two things", "### Extract the sum")),
        ("integration", "tests", ("### The shop sends strings", "### Test the empty cart")),
        ("learn", "explain", ("### Read the sum first", "### It adds the prices")),
    ],
)
async def test_the_others_differ_as_well(system: InProcessSystem, first: str, second: str, heads: tuple[str, str]) -> None:
    one, two = await answers(system, f"/council {first} {ASKED}", f"/council {second} {ASKED}")
    assert one.startswith(heads[0]) and two.startswith(heads[1])


async def test_an_answer_in_another_form_is_discarded(system: InProcessSystem) -> None:
    bare = POOL | {"facets": [{"name": "cwe", "text": "some weakness"}, {"name": "attack", "text": "x"}]}
    script(system, [bare], [bare], [bare])
    (answer,) = await ask(system, issue(system).number, "/council security is it safe?")
    assert answer.startswith("### Council has no answer")
    assert 'malformed: a security answer names its "cwe"' in answer
