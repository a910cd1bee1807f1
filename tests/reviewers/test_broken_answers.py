"""A seat with a cut, empty, odd or hostile answer reports it; the answer never ends a run, and never counts as "found nothing"."""

import asyncio
import json
import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewers.council.consultation import consult
from reviewers.council.deliberation import Council, deliberate
from reviewers.models.model import CallFault, ModelError, ModelRequest, ModelResponse
from reviewers.models.scripted import Line, ScriptedModel
from reviewers.seats.expert import ModelExpert
from reviewers.seats.model_seat import ModelSeat
from reviewers.seats.seat import Ballot
from reviewers.values.question import Dossier, Inquiry, Material, MaterialKind
from reviewers.values.reading import ReadingProblem
from reviewers.values.value import FrozenValue
from reviewers.values.verdict import Critique, Opinion, Outcome, Proposal, Stance, Usage
from tests.reviewers.samples import BRIEF, RACE, TIMEOUT, council, finding, member, opinion, proposals, snapshot, votes

USAGE = Usage(calls=1, input_tokens=100, output_tokens=6_000, cost_usd=0.01)


def said(text: str, finish: str = "stop", *, prompt_cut: bool = False) -> ModelResponse:
    return ModelResponse(text=text, finish=finish, usage=USAGE, model="a/one", prompt_cut=prompt_cut)


async def opine(*lines: Line) -> tuple[Opinion, ScriptedModel]:
    model = ScriptedModel("a/one", lines)
    return await ModelSeat(model, time.monotonic).opine(BRIEF, snapshot()), model


async def judge(text: str, many: int = 2) -> Critique:
    from reviewers.values.finding import Finding, Location, Severity

    def proposal(index: int) -> Proposal:
        where = Location(path="auth/session.py", line=5)
        made = Finding(seat="", title=f"T{index}", body="b", severity=Severity.HIGH, category=RACE["category"], location=where, quote="q")
        return Proposal(id=f"p{index}", finding=made, supporters=())

    ballot = Ballot(brief=BRIEF, snapshot=snapshot(), proposals=tuple(proposal(index) for index in range(many)))
    return await ModelSeat(ScriptedModel("a/one", [text, text]), time.monotonic).critique(ballot)


async def test_a_model_that_only_thought_gets_more_room() -> None:
    opinion_made, model = await opine(said("", "length"), said(opinion(RACE)))
    first, second = model.asked
    assert second.max_output_tokens > first.max_output_tokens
    assert second.prompt != first.prompt
    assert (opinion_made.outcome, len(opinion_made.findings)) == (Outcome.ANSWERED, 1)
    assert opinion_made.reading.complete
    assert opinion_made.usage.calls == 2


@pytest.mark.parametrize("text", ["", "<think>Let me see. The lock", '<think>{"findings": []}'])
async def test_a_model_that_only_thinks_has_no_opinion(text: str) -> None:
    opinion_made, model = await opine(said(text, "length"), said(text, "length"))
    assert opinion_made.outcome is Outcome.UNUSABLE
    assert str(opinion_made.reading) == "its thinking used the whole answer"
    assert not opinion_made.reading.complete
    assert len(model.asked) == 2


async def test_without_money_for_more_room_the_reason_is_reported() -> None:
    opinion_made, _ = await opine(said("", "length"), ModelError(CallFault.OVER_BUDGET, "no room in the budget"))
    assert opinion_made.outcome is Outcome.UNUSABLE
    assert opinion_made.reading.has(ReadingProblem.THINKING)
    assert "budget" in opinion_made.reason


async def test_a_cut_answer_keeps_its_whole_items_and_is_reported() -> None:
    text = opinion(RACE, TIMEOUT, finding("Third", "x"))
    opinion_made, model = await opine(said(text[: text.index("Third") + 3], "length"))
    assert len(model.asked) == 1
    assert len(opinion_made.findings) == 2
    assert str(opinion_made.reading) == "cut off after 2 findings"
    assert not opinion_made.reading.complete


async def test_discarded_unreadable_and_repaired_items_are_reported() -> None:
    ghost = finding("Ghost", "no_such_line()")
    nameless = {"title": "No evidence", "path": "auth/session.py"}
    opinion_made, _ = await opine(opinion(RACE, ghost, nameless)[:-1] + ",}")
    reading = opinion_made.reading
    assert reading.complete
    assert reading.count(ReadingProblem.SOME_DISCARDED) == 2
    assert reading.count(ReadingProblem.UNREADABLE) == 1
    assert reading.has(ReadingProblem.REPAIRED)

    opinion_made, _ = await opine(opinion(ghost))
    assert str(opinion_made.reading) == "its one claim was discarded"
    assert not opinion_made.reading.complete


async def test_a_cut_prompt_makes_a_reading_incomplete() -> None:
    opinion_made, _ = await opine(said(opinion(), prompt_cut=True))
    assert str(opinion_made.reading) == "its host cut the prompt"
    assert not opinion_made.reading.complete


async def test_a_plain_answer_is_complete_without_notes() -> None:
    for text in (opinion(), opinion(RACE)):
        opinion_made, _ = await opine(text)
        assert opinion_made.reading.notes == ()


@pytest.mark.parametrize("dress", ["{}", "{}.", "Claim {}", "**{}**", "({})", "label {}", "{}: T0 is wrong", "`{}`", "Proposal {}:", "{})"])
async def test_labels_in_any_format(dress: str) -> None:
    both = [{"label": dress.format(label), "stance": "agree", "evidence": None} for label in ("A", "b")]
    critique = await judge(json.dumps({"votes": both}))
    assert {vote.proposal for vote in critique.votes} == {"p0", "p1"}
    assert {vote.stance for vote in critique.votes} == {Stance.CONFIRM}
    assert critique.reading.notes == ()


async def test_votes_without_a_known_label_are_counted() -> None:
    rows = [{"label": "A", "stance": "no"}, {"label": "Z", "stance": "yes"}, {"label": "A or B", "stance": "yes"}, "B: confirm"]
    critique = await judge(json.dumps({"votes": rows, "same": [["A", "B"]]}))
    assert [vote.stance for vote in critique.votes] == [Stance.REJECT]
    assert critique.reading.count(ReadingProblem.UNREADABLE) == 3
    assert str(critique.reading) == "3 votes were unreadable"
    assert critique.same == (("p0", "p1"),)


async def test_votes_by_label_are_votes() -> None:
    critique = await judge(json.dumps({"votes": {"A": "confirm", "B": {"stance": "rejected", "evidence": "line 3"}}}))
    assert len(critique.votes) == 2


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="\ud83d\udfff\x00{}[]\",: \\'abc\n", max_size=120),
    st.sampled_from([opinion(RACE), opinion(RACE, TIMEOUT)]).flatmap(
        lambda text: st.tuples(st.just(text), st.integers(0, len(text)), st.text(alphabet='\ud83d\x00"{}[]\\,é高', max_size=6))
    ).map(lambda parts: parts[0][: parts[1]] + parts[2] + parts[0][parts[1] :]),
    st.builds(
        lambda title, body: json.dumps({"findings": [RACE | {"title": title, "body": body, "suggestion": body}]}),
        st.text(alphabet="\ud83d\udc00\x00a ", max_size=8),
        st.text(alphabet=st.characters(), max_size=20),
    ),
)  # fmt: skip


NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def check_storable(value: FrozenValue) -> None:
    """UTF-8 has no surrogates, and PostgreSQL no NUL."""
    text = value.model_dump_json()
    text.encode()
    assert NUL.search(text) is None


@given(texts=st.lists(TEXTS, min_size=3, max_size=3), finish=st.sampled_from(["stop", "length", "content_filter", "odd"]))
@settings(max_examples=30, deadline=None)
def test_no_text_of_a_model_ends_a_review(texts: Sequence[str], finish: str) -> None:
    first, second, third = texts

    def critic(request: ModelRequest) -> Line:
        rows = [{"label": proposal["label"], "stance": second, "evidence": third} for proposal in proposals(request)]
        return json.dumps({"votes": rows, "same": [[first, second]]})

    seats = (
        member("a/one", said(first, finish), critic),
        member("b/two", said(second, finish), votes("confirm")),
        member("c/three", opinion(RACE), critic),
    )
    chair = ScriptedModel("d/chair", lambda request: said(third, finish))
    verdict = asyncio.run(deliberate(BRIEF, snapshot(), council(*seats, chair=chair)))
    check_storable(verdict)


@given(texts=st.lists(TEXTS, min_size=2, max_size=2), finish=st.sampled_from(["stop", "length"]))
@settings(max_examples=20, deadline=None)
def test_no_text_of_a_model_ends_a_consultation(texts: Sequence[str], finish: str) -> None:
    first, second = texts
    solution = {"title": first, "approach": second, "steps": second, "effort": first, "risk": second, "evidence": [{"source": first}]}
    answers = (said(first, finish), json.dumps({"view": second, "solutions": [solution]}))
    seats = tuple(
        ModelExpert(member(name, line, lambda request: second), time.monotonic) for name, line in zip(("a/1", "b/2"), answers, strict=True)
    )
    dossier = Dossier(repository="acme/shop", materials=(Material(kind=MaterialKind.LOG, name="log", text="boom", why="pasted"),))
    sitting = Council(seats=seats, chair=ScriptedModel("d/chair", lambda _: first))
    advice = asyncio.run(consult(Inquiry(seed="s", question="why?"), dossier, sitting))
    check_storable(advice)
