"""Seats are selected once per run: every process that resumes it asks the same ones, whatever was spent meanwhile."""

from pathlib import Path

import pytest

from app import failpoints
from app.clock import new_id, now
from app.sandbox.providers.response_script import ScriptedMember
from app.store.reviews import outcomes
from app.store.reviews.outcomes import StoredFinding
from app.store.spending.ledger_calls import CostAccount, PlannedCall, book_lost, reserve_call
from reviewers.learning.feedback import Source
from reviewers.models.vendors import pool, short_names
from tests.stories.harness import BASE, DIVISION, HEAD, SEATS, InProcessSystem, open_system
from tests.stories.test_crash import Passing, work
from tests.system import SystemOptions, start_system

# Enough for one call of the most expensive seat at a time, too little for three of them at once.
LEFT_USD = 0.25


def readers(system: InProcessSystem, since: int) -> set[str]:
    return {call.model for call in system.sandbox.providers.calls[since:] if call.question == "OpinionAnswer"}


async def spend(system: InProcessSystem) -> None:
    """Another pull request of the day spends almost everything."""
    usd = (system.settings.caps.day or 0.0) - LEFT_USD
    async with system.services.database.write() as connection:
        account = CostAccount("earlier", system.repository.id, 99)
        await reserve_call(connection, account, PlannedCall(new_id(), "opinion", "openai", "openai/gpt-5.5"), usd, now())
        await book_lost(connection, "earlier", now())


async def test_a_run_killed_after_the_selection_keeps_its_seats(tmp_path: Path) -> None:
    """Even if the budget is smaller now."""
    async with open_system(tmp_path) as system:
        system.script([DIVISION], [DIVISION], [])
        first = system.open()
        await system.sandbox.settled()
        await work(system, Passing("run opinions"), "dies", 0)
        assert system.bought() == 0
        await spend(system)
        await work(system, failpoints.no_failpoint, "resumes", 20)
        assert readers(system, 0) == {"gpt-5.5", "claude-opus-5-5", "gemini-3.1-pro-preview"}
        (summary,) = system.comments(first)
        assert "3 of 3 answered" in summary

        # A run that selects now has fewer seats, and says so.
        since = system.bought()
        second = system.open(message="later")
        await system.sandbox.settled()
        await work(system, failpoints.no_failpoint, "later", 40)
        assert 0 < len(readers(system, since)) < 3
        (summary,) = system.comments(second)
        assert "may be spent" in summary


async def note(system: InProcessSystem, seat: str, right: int, wrong: int) -> None:
    """So many findings of an earlier pull request that only this seat raised, and people's feedback on them."""
    async with system.services.database.write() as connection:
        for index in range(right + wrong):
            found = StoredFinding(f"{seat}{index}", "bug", "app/cart.py", seat, "", "")
            await outcomes.save_sign(connection, (system.repository.id, 77, found.fingerprint, Source.THUMBS), found, index < right, now())


@pytest.mark.slow
async def test_feedback_on_a_seats_findings_counts_in_the_selection(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        await note(system, "gpt-5.5", right=38, wrong=2)
        await note(system, "gemini-3.1-pro-preview", right=2, wrong=38)
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        (summary,) = system.comments(pull)
        assert "records: openai/gpt-5.5" in summary
        assert "right (n = " in summary


async def rate(system: InProcessSystem, model: str, right: int, wrong: int) -> None:
    """People's feedback on findings of an earlier pull request that only this model raised, stored under its full name."""
    async with system.services.database.write() as connection:
        for index in range(right + wrong):
            found = StoredFinding(f"{model}{index}", "bug", "app/cart.py", model, "", "")
            await outcomes.save_sign(connection, (system.repository.id, 78, found.fingerprint, Source.THUMBS), found, index < right, now())


async def test_a_track_record_selects_a_model_of_a_larger_pool(tmp_path: Path) -> None:
    config = {".github/council.yml": "preset: balanced\n"}
    # Nobody names the seats, so the pool is all models of the three providers.
    plan = SystemOptions(SEATS, settings={"seats": (), "fallback": "off"}, base=BASE | config, head=HEAD)
    async with start_system(tmp_path, plan) as system:
        system.open()
        await system.settle()
        first = readers(system, 0)
        whole = {name.rsplit("/", 1)[-1]: name for name in pool({"openai", "anthropic", "gemini"})}
        idle = sorted(set(whole) - first)
        assert len(first) < len(whole) and idle
        promoted = idle[0]
        rival = next(name for name in sorted(first) if whole[name].split("/")[0] == whole[promoted].split("/")[0])
        await rate(system, whole[promoted], right=60, wrong=1)
        await rate(system, whole[rival], right=1, wrong=60)
        since = system.bought()
        system.open(message="later")
        await system.settle()
        assert promoted in readers(system, since)
        assert rival not in readers(system, since)


async def test_a_sign_has_the_full_model_string(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        system.repository.add_collaborator("ada", "write")
        found = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
        system.repository.comment(pull.number, "ada", f"/council dismiss {found}")
        await system.settle()
        async with system.services.database.read() as connection:
            (sign,) = await outcomes.list_signs(connection, system.repository.id, 0)
        assert sign.raised_by == ("anthropic/claude-opus-5-5", "openai/gpt-5.5")


async def test_a_model_with_two_seats_counts_as_one_vendor(tmp_path: Path) -> None:
    """It reads twice."""
    async with open_system(tmp_path, seats=("openai/gpt-5.5", "openai/gpt-5.5", "anthropic/claude-opus-5-5")) as system:
        system.sandbox.providers.script("gpt-5.5", ScriptedMember([DIVISION]))
        system.sandbox.providers.script("claude-opus-5-5", ScriptedMember([]))
        pull = system.open()
        await system.settle()
        asked = [call.model for call in system.sandbox.providers.calls if call.question == "OpinionAnswer"]
        assert sorted(asked) == ["claude-opus-5-5", "gpt-5.5", "gpt-5.5"]
        (summary,) = system.comments(pull)
        assert "**gpt-5.5** answered" in summary and "**gpt-5.5 (2)** answered" in summary
        assert "found by 2 of 3 models" in summary


def test_several_seats_of_one_model_are_numbered() -> None:
    assert short_names(["a/x", "b/y", "a/x", "c/y"]) == ["x", "b/y", "x (2)", "c/y"]
    assert short_names(["a/x", "b/y"]) == ["x", "y"]
