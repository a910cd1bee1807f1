"""A change too large for one prompt: read in parts concurrently, and merged by the same council."""

import json
import time

from reviewers.models.model import CallFault, ModelError, ModelRequest
from reviewers.models.scripted import Line, ScriptedModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Ballot
from reviewers.seats.structured_query import SeatLimits
from reviewers.values.verdict import Outcome, Proposal, Stance
from tests.reviewers.samples import BRIEF, changed, finding, opinion, proposals, snapshot

NUMBER = 12
SHOWN = snapshot(
    *(changed(f"src/m{index}.py", "", "".join(f"name_{index}_{line} = {line}\n" for line in range(40))) for index in range(NUMBER))
)
LIMITS = SeatLimits(context_tokens=3_000, parts=4)


def sees(request: ModelRequest, index: int) -> bool:
    return f"name_{index}_1 = 1" in request.prefix


def says(request: ModelRequest) -> Line:
    if request.purpose == "critique":
        votes = [{"label": proposal["label"], "stance": "confirm", "evidence": proposal["path"]} for proposal in proposals(request)]
        return json.dumps({"votes": votes, "same": []})
    found = [
        finding(f"Name {index} is wrong", f"name_{index}_1 = 1", path=f"src/m{index}.py") for index in range(NUMBER) if sees(request, index)
    ]
    return opinion(*found, finding("The same in every part", "name_0_2 = 2", path="src/m0.py"))


async def test_every_part_is_read_once_and_repeated_findings_are_merged() -> None:
    model = ScriptedModel("one", says)
    read = await ModelSeat(model, time.monotonic, LIMITS).opine(BRIEF, SHOWN)
    assert read.outcome is Outcome.ANSWERED
    assert 1 < len(model.asked) <= 4
    assert len(read.findings) == NUMBER + 1
    assert read.unseen == ()
    assert read.usage.calls == len(model.asked)


async def test_a_part_without_an_answer_costs_only_its_files() -> None:
    def fails(request: ModelRequest) -> Line:
        return ModelError(CallFault.OVER_BUDGET, "the run's cap is reached") if sees(request, 0) else says(request)

    read = await ModelSeat(ScriptedModel("one", fails), time.monotonic, LIMITS).opine(BRIEF, SHOWN)
    assert read.outcome is Outcome.ANSWERED
    assert "src/m0.py" in read.unseen
    assert 0 < len(read.unseen) < NUMBER
    assert "the run's cap is reached" in read.reason
    lost = await ModelSeat(ScriptedModel("one", lambda _: ModelError(CallFault.REFUSED, "no")), time.monotonic, LIMITS).opine(BRIEF, SHOWN)
    assert lost.outcome is Outcome.REFUSED


async def test_a_proposal_is_judged_with_the_part_that_has_its_file() -> None:
    model = ScriptedModel("one", says)
    seat = ModelSeat(model, time.monotonic, LIMITS)
    raised = (await seat.opine(BRIEF, SHOWN)).findings
    on_table = tuple(Proposal(id=str(index), finding=each, supporters=()) for index, each in enumerate(raised))
    before = len(model.asked)
    judged = await seat.critique(Ballot(brief=BRIEF, snapshot=SHOWN, proposals=on_table))
    assert sorted(vote.proposal for vote in judged.votes) == sorted(each.id for each in on_table)
    assert all(vote.stance is Stance.CONFIRM for vote in judged.votes)
    for request in model.asked[before:]:
        assert all(f'path="{proposal["path"]}"' in request.prefix for proposal in proposals(request))
    assert {request.prefix for request in model.asked[before:]} <= {request.prefix for request in model.asked[:before]}
