"""A seat whose provider fails uses a fallback route: the review comes, names the route and the reason, and a bad key is not hidden."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.sandbox.providers.model import ModelFault
from app.sandbox.providers.response_script import ScriptedMember
from tests.app.cli.test_commands import council, inside
from tests.stories.harness import BASE, DIVISION, HEAD, INJECTION
from tests.system import SEATS, InProcessSystem, SystemOptions, start_system


@pytest.fixture
async def roads(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    """A system whose models can also be called through OpenRouter."""
    async with start_system(tmp_path, SystemOptions(SEATS, base=BASE, head=HEAD)) as system:
        system.script([DIVISION], [DIVISION], [])
        yield system


@pytest.mark.slow
async def test_a_bad_key_is_reported_and_openrouter_answers(roads: InProcessSystem, tmp_path: Path) -> None:
    roads.sandbox.providers.model("openai/gpt-5.5").always = ModelFault.UNAUTHORIZED
    roads.sandbox.providers.script("openrouter/openai/gpt-5.5", ScriptedMember([DIVISION, INJECTION]))
    pull = roads.open()
    await roads.settle()
    (summary,) = roads.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high")
    assert "3 of 3 answered" in summary
    assert "through openrouter/openai/gpt-5.5, because openai/gpt-5.5: AuthenticationError 401: Incorrect API key provided." in summary
    asked = {(call.vendor, call.model) for call in roads.sandbox.providers.calls if call.status == 200}
    assert ("openrouter", "openai/gpt-5.5") in asked and ("openai", "gpt-5.5") not in asked

    code, out, _ = await council("doctor", "--json", env=inside(roads, tmp_path / "d"))
    well = {line["what"]: line["well"] for line in json.loads(out)}
    assert code == 1
    assert (well["model openai/gpt-5.5"], well["model openrouter/openai/gpt-5.5"]) == (False, True)


async def test_an_outage_of_one_provider_costs_no_seat(roads: InProcessSystem) -> None:
    roads.sandbox.providers.model("anthropic/claude-opus-5-5").always = ModelFault.BAD_REQUEST
    roads.sandbox.providers.script("openrouter/anthropic/claude-opus-5.5", ScriptedMember([DIVISION]))
    pull = roads.open()
    await roads.settle()
    (summary,) = roads.comments(pull)
    assert "3 of 3 answered" in summary and "through openrouter/anthropic/claude-opus-5.5" in summary
