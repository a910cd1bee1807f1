"""A scripted member in its three rounds."""

import json

import pytest

from app.sandbox.providers.response_script import CRITIQUE, OPINION, SYNTHESIS, ScriptedMember, lines_between, question_of
from reviewers.seats.answers import CritiqueAnswer, OpinionAnswer, SynthesisAnswer

FINDING = {
    "title": "Races",
    "body": "…",
    "severity": "high",
    "category": "concurrency",
    "path": "a.py",
    "quote": "x",
    "line": 1,
    "suggestion": "",
}
BALLOT = [{"label": "B", "title": "Two refreshes race", "path": "a.py"}, {"label": "A", "title": "No time-out", "path": "b.py"}]


def block(tag: str, entries: list[dict[str, str]]) -> str:
    lines = "\n".join(json.dumps(entry) for entry in entries)
    return f"Read <{tag}> below.\n<{tag}>\n{lines}\n</{tag}>\nThen vote."


def test_a_member_finds_only_what_is_in_the_files_it_sees() -> None:
    member = ScriptedMember([FINDING, FINDING | {"path": "z.py"}])
    answer = OpinionAnswer.model_validate(member.answer(OPINION, "File a.py: …"))
    assert [finding.path for finding in answer.findings] == ["a.py"]


def test_a_member_votes_on_every_label() -> None:
    member = ScriptedMember(stance={"race": ("reject", "There is a lock.")}, same=[("race", "time-out")])
    answer = CritiqueAnswer.model_validate(member.answer(CRITIQUE, block("proposals", BALLOT)))
    assert [(vote.label, vote.stance) for vote in answer.votes] == [("B", "reject"), ("A", "confirm")]
    assert [(pair.first, pair.second) for pair in answer.same] == [("B", "A")]


def test_a_member_may_decide_by_a_function() -> None:
    member = ScriptedMember(stance=lambda proposal: ("unsure", proposal["path"]))
    answer = CritiqueAnswer.model_validate(member.answer(CRITIQUE, block("proposals", BALLOT)))
    assert [vote.evidence for vote in answer.votes] == ["a.py", "b.py"]


def test_a_chair_repeats_the_order_and_plans_what_is_to_fix() -> None:
    ranking = [{"id": "7f3a", "title": "Race", "standing": "recommended"}, {"id": "11aa", "title": "Cache", "standing": "disputed"}]
    answer = SynthesisAnswer.model_validate(ScriptedMember().answer(SYNTHESIS, block("ranking", ranking)))
    assert (answer.order, answer.summary, answer.plan) == (["7f3a", "11aa"], "Race.", ["Fix: Race"])


@pytest.mark.parametrize("prompt", ["", "<proposals> only opened", "</proposals><proposals>\nnot json\n[1]\n</proposals>"])
def test_a_broken_ballot_counts_as_empty(prompt: str) -> None:
    assert lines_between(prompt, "proposals") == []


@pytest.mark.parametrize("answer", [OpinionAnswer, CritiqueAnswer, SynthesisAnswer])
def test_the_schema_determines_the_round(answer: type[OpinionAnswer]) -> None:
    schema = answer.model_json_schema()
    assert question_of("", schema) == question_of(answer.__name__, None) == answer.__name__
    del schema["title"]
    assert question_of("response", schema) == answer.__name__


def test_other_questions_have_ready_answers() -> None:
    assert ScriptedMember(answers={"SolutionAnswer": {"steps": []}}).answer("SolutionAnswer", "") == {"steps": []}
