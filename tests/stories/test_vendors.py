"""If a repository names the vendors that may get its code, no model of another vendor gets any of it."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.stories.harness import BASE, DIVISION, HEAD, SEATS, InProcessSystem
from tests.stories.questions import POOL, ask, script
from tests.system import SystemOptions, start_system


def allowing(vendors: Sequence[str], chair: str) -> SystemOptions:
    config = {".github/council.yml": f"chair: {chair}\nprivacy: {{vendors: [{', '.join(vendors)}]}}\n"}
    return SystemOptions(SEATS, base=BASE | config, head=HEAD)


@pytest.mark.parametrize("chair", ["auto", "anthropic/claude-opus-5-5"])
async def test_no_model_of_another_vendor_is_asked(tmp_path: Path, chair: str) -> None:
    async with start_system(tmp_path, allowing(["openai", "google"], chair)) as system:
        system.script([DIVISION], [DIVISION], [DIVISION])
        system.repository.add_collaborator("ana", "write")
        pull = system.open()
        await system.settle()
        (summary,) = system.comments(pull)
        assert "anthropic/claude-opus-5-5 is left out: this repository does not allow the vendor anthropic" in summary
        assert ("anthropic/claude-opus-5-5 does not write the summary: this" in summary) == (chair != "auto")
        assert asked(system) == {"openai", "gemini"}
        script(system, [POOL], [POOL], [POOL])
        await ask(system, pull.number, "/council ask is the cart safe?")
        assert asked(system) == {"openai", "gemini"}


def asked(system: InProcessSystem) -> set[str]:
    """Whose servers were called, by the names of their APIs."""
    return {call.vendor for call in system.sandbox.providers.calls}
