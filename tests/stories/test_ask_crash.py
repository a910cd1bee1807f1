"""A process that dies while a question is answered leaves one answer, and pays for no stored answer again."""

import pytest

from app import failpoints
from app.sandbox.faults import FaultKind
from tests.stories.harness import InProcessSystem
from tests.stories.questions import POOL, issue, said, script
from tests.stories.test_crash import Passing, work


@pytest.mark.parametrize("gap", ["job claimed", "answer begun", "answer arrived", "answer stored", "advice kept", "job done"])
async def test_a_crash_at_any_failpoint_leaves_one_answer(system: InProcessSystem, gap: str) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    system.repository.comment(made.number, "ana", "/council ask why?")
    await system.sandbox.settled()
    await work(system, Passing(gap), "dies", 0)
    await work(system, failpoints.no_failpoint, "resumes", 20)
    (answer,) = said(system, made.number)
    assert answer.startswith("### The health check opens")
    # Three opinions and the summary. Calls in flight when the process died are made again, because their answers were not stored.
    in_flight = {"answer arrived": 3, "answer stored": 2}
    assert system.bought() <= 4 + in_flight.get(gap, 0)


@pytest.mark.parametrize("harm", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.RESET_AFTER])
async def test_an_unacknowledged_answer_is_found_again(system: InProcessSystem, harm: FaultKind) -> None:
    script(system, [POOL], [POOL], [POOL])
    made = issue(system)
    system.sandbox.github.faults.add("POST", f"/repos/acme/shop/issues/{made.number}/comments", harm)
    system.repository.comment(made.number, "ana", "/council ask why?")
    await system.sandbox.settled()
    await work(system, failpoints.no_failpoint, "first", 0)
    await work(system, failpoints.no_failpoint, "again", 60)
    (answer,) = said(system, made.number)
    assert answer.startswith("### The health check opens")
