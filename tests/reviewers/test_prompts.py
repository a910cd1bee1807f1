"""Prompts are data: filled in one pass, versioned by content, and held to the contract with the sandbox's models."""

import json
import time

from reviewers import prompts
from reviewers.council.deliberation import deliberate
from reviewers.models.model import ModelRequest
from reviewers.models.scripted import ScriptedModel
from tests.reviewers.house import BRIEF, RACE, council, member, opinion, proposals, snapshot, votes


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
