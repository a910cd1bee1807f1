"""One round of critique: shuffled for each critic, blind to authors, and without guesses."""

import json
import random
import time

from hypothesis import example, given, settings
from hypothesis import strategies as st

from reviewers.models.model import ModelRequest
from reviewers.models.scripted import ScriptedModel
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Ballot
from reviewers.values.verdict import Critique, Outcome, Proposal, Stance
from tests.reviewers.samples import BRIEF, proposals, snapshot
from tests.reviewers.test_merging import found

PROPOSALS = tuple(Proposal(id=f"{at:04x}", finding=found("", f"Defect {at}", line=at + 1), supporters=()) for at in range(8))
STANCES = st.lists(st.sampled_from([each.value for each in Stance]), min_size=8, max_size=8)


async def judge(critic: str, answer: object, order: tuple[Proposal, ...] = PROPOSALS) -> tuple[Critique, list[dict[str, str]]]:
    """The critique of a critic whose answer is computed from the rows in its prompt."""
    shown: list[dict[str, str]] = []

    def line(request: ModelRequest) -> str:
        shown[:] = proposals(request)
        return json.dumps(answer(shown)) if callable(answer) else str(answer)

    seat = ModelSeat(ScriptedModel(critic, line), time.monotonic)
    return await seat.critique(Ballot(brief=BRIEF, snapshot=snapshot(), proposals=order)), shown


async def test_labels_and_order_differ_by_critic_but_not_on_a_retry() -> None:
    orders = {}
    for critic in ("a/one", "b/two", "c/three"):
        shown = (await judge(critic, '{"votes": []}'))[1]
        assert [row["label"] for row in shown] == list("ABCDEFGH")
        orders[critic] = tuple(row["title"] for row in shown)
        assert (await judge(critic, '{"votes": []}'))[1] == shown
    assert len(set(orders.values())) == 3
    assert all(sorted(order) == sorted(f"Defect {at}" for at in range(8)) for order in orders.values())


@settings(max_examples=20, deadline=None)
@given(stances=STANCES, dice=st.randoms(use_true_random=False))
async def test_votes_find_their_proposal_whatever_the_labels(stances: list[str], dice: random.Random) -> None:
    wanted = {f"Defect {at}": stance for at, stance in enumerate(stances)}

    def answer(shown: list[dict[str, str]]) -> object:
        cast = [{"label": row["label"], "stance": wanted[row["title"]], "evidence": "x"} for row in shown]
        dice.shuffle(cast)
        return {"votes": cast, "same": []}

    critique = (await judge("a/one", answer))[0]
    assert {vote.proposal: vote.stance.value for vote in critique.votes} == {f"{at:04x}": stance for at, stance in enumerate(stances)}


KEYS = st.sampled_from(["votes", "label", "stance", "same"])
JSON = st.recursive(st.none() | st.booleans() | st.text(max_size=9), lambda each: st.lists(each) | st.dictionaries(KEYS, each))


@settings(max_examples=40, deadline=None)
@example(text='["LABEL":A"STANCE"0')
@example(text='{STANCE:FALSE"LABEL:A')
@given(text=st.text(max_size=200) | JSON.map(json.dumps))
async def test_an_unreadable_answer_is_a_missing_vote(text: str) -> None:
    critique = (await judge("a/one", text))[0]
    # A broken vote with a readable label, and possibly a stance, proves nothing and decides nothing.
    assert all(vote.stance is Stance.UNSURE or vote.proof is None for vote in critique.votes)
    assert critique.outcome in {Outcome.UNUSABLE, Outcome.ANSWERED}


async def test_a_critic_that_contradicts_itself_has_not_voted() -> None:
    def answer(shown: list[dict[str, str]]) -> object:
        return {"votes": [{"label": "A", "stance": stance, "evidence": ""} for stance in ("confirm", "reject")]}

    assert (await judge("a/one", answer))[0].votes == ()


async def test_nothing_in_a_ballot_names_an_author() -> None:
    named = tuple(proposal.model_copy(update={"supporters": ("vendor/secret-name",)}) for proposal in PROPOSALS)
    shown = (await judge("a/one", '{"votes": []}', named))[1]
    assert "secret-name" not in json.dumps(shown)
    assert {tuple(row) for row in shown} == {("label", "title", "path", "line", "severity", "quote", "body")}
