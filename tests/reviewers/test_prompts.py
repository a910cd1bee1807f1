"""Prompts are data: filled in one pass, versioned by content, and consistent with the sandbox's models."""

import json
import re
import time
from enum import StrEnum

import pytest
from pydantic import BaseModel

from reviewers import followup, prompts
from reviewers.council.deliberation import deliberate
from reviewers.models.model import ModelRequest
from reviewers.models.schema import schema_of
from reviewers.models.scripted import ScriptedModel
from reviewers.seats import answers
from tests.reviewers.samples import BRIEF, RACE, council, member, opinion, proposals, snapshot, votes


def test_a_value_that_looks_like_a_slot_stays_as_it_is() -> None:
    assert "{{language}}" in prompts.render("critique", proposals="{{language}}")
    assert prompts.version("critique") != prompts.version("opinion")


def test_every_slot_is_filled() -> None:
    filled = {"opinion": {"language": "en"}, "critique": {"proposals": "x"}, "synthesis": {"ranking": "x", "language": "en"}}
    for name, values in filled.items():
        assert "{{" not in prompts.render(name, **values)


async def test_the_contract_with_scripted_providers() -> None:
    def chair(request: ModelRequest) -> str:
        block = request.prompt.split("<ranking>\n")[1].split("\n</ranking>")[0]
        rows = [json.loads(line) for line in block.split("\n")]
        assert list(rows[0]) == ["id", "title", "standing", "path", "line", "severity", "body"]
        return json.dumps({"order": [row["id"] for row in rows], "summary": "Said.", "plan": []})

    models = (member("a/one", opinion(RACE)), member("b/two", opinion(), votes("confirm")))
    verdict = await deliberate(BRIEF, snapshot(), council(*models, chair=ScriptedModel("c/chair", chair), clock=time.monotonic))

    assert verdict.summary == "Said."
    asked = models[1].asked
    assert "auth/session.py" in asked[0].prefix
    assert "+             session.token = fetch(session.url)" in asked[0].prefix
    assert proposals(asked[1]) == [
        {
            "label": "A",
            "title": RACE["title"],
            "path": "auth/session.py",
            "line": 5,
            "severity": "high",
            "quote": RACE["quote"],
            "body": RACE["body"],
        }
    ]


ROUNDS = {
    "opinion": answers.OpinionAnswer,
    "critique": answers.CritiqueAnswer,
    "counsel": answers.CounselAnswer,
    "counsel_critique": answers.CritiqueAnswer,
    "synthesis": answers.SynthesisAnswer,
    "advice": answers.AdviceAnswer,
}
SENT = [*ROUNDS.values(), answers.TurnAnswer, answers.CounselTurnAnswer, followup.ThreadAnswer, followup.FixAnswer, followup.FixVote]


def forms(answer: type[BaseModel]) -> list[type[BaseModel]]:
    """A form and those inside it."""
    inside = [part for field in answer.model_fields.values() for part in getattr(field.annotation, "__args__", ())]
    return [answer, *(form for part in inside if isinstance(part, type) and issubclass(part, BaseModel) for form in forms(part))]


@pytest.mark.parametrize(("name", "answer"), ROUNDS.items())
def test_a_prompt_shows_the_fields_of_its_schema_in_their_order(name: str, answer: type[BaseModel]) -> None:
    text = prompts.text(name)
    assert re.findall(r'"(\w+)":', text[text.rindex("Answer") :]) == _in_order(answer)


def _in_order(form: type[BaseModel]) -> list[str]:
    """Names of fields in the order of an example, those of list items after the list's own."""
    names = []
    for name, field in form.model_fields.items():
        names.append(name)
        for part in getattr(field.annotation, "__args__", ()):
            names += _in_order(part) if isinstance(part, type) and issubclass(part, BaseModel) else []
    return names


@pytest.mark.parametrize(("name", "answer"), ROUNDS.items())
def test_a_prompt_lists_the_values_of_its_schema(name: str, answer: type[BaseModel]) -> None:
    text = prompts.text(name)
    for form in forms(answer):
        for field_name, field in form.model_fields.items():
            if isinstance(field.annotation, type) and issubclass(field.annotation, StrEnum):
                said = re.search(rf"`{field_name}`: ([\w, ]+ or \w+)", text)
                listed = re.split(r", | or ", said[1]) if said else re.findall(r"^- `(\w+)`:", text, re.MULTILINE)
                assert listed == [str(word) for word in field.annotation], (name, field_name)


@pytest.mark.parametrize("answer", SENT)
def test_a_schema_contains_no_docstring(answer: type[BaseModel]) -> None:
    sent = json.dumps(schema_of(answer))
    assert "http" not in sent
    for ours in [*forms(answer), *(word for form in forms(answer) for word in _enums(form))]:
        note = (ours.__doc__ or "").split("\n", 1)[0]
        assert not note or note not in sent, ours
    for form in forms(answer):
        for field in form.model_fields.values():
            assert not field.description or field.description in sent


def _enums(form: type[BaseModel]) -> list[type[StrEnum]]:
    kinds = (field.annotation for field in form.model_fields.values())
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, StrEnum)]
