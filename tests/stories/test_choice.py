"""Seats are selected once per run: every process that resumes it asks the same ones, whatever was spent meanwhile."""

from pathlib import Path

from app import failpoints
from app.clock import new_id, now
from app.sandbox.providers.response_script import ScriptedMember
from app.store.reviews import outcomes
from app.store.reviews.outcomes import StoredFinding
from app.store.spending.ledger_calls import CostAccount, PlannedCall, book_lost, reserve_call
from reviewers.learning.feedback import Source
from reviewers.models.vendors import pool, short_names
from tests.stories.harness import BASE, DIVISION, HEAD, SEATS, InProcessSystem, open_house
from tests.stories.test_crash import Passing, work
from tests.system import SystemOptions, start_system

# Enough for one call of the most expensive seat at a time, too little for three of them at once.
LEFT_USD = 0.25


def readers(house: InProcessSystem, since: int) -> set[str]:
    return {call.model for call in house.sandbox.providers.calls[since:] if call.question == "OpinionAnswer"}


async def spend(house: InProcessSystem) -> None:
    """Another pull request of the day spends almost everything."""
    usd = (house.settings.caps.day or 0.0) - LEFT_USD
    async with house.workshop.database.write() as connection:
        account = CostAccount("earlier", house.repository.id, 99)
        await reserve_call(connection, account, PlannedCall(new_id(), "opinion", "openai", "openai/gpt-5.5"), usd, now())
        await book_lost(connection, "earlier", now())


async def test_a_run_killed_after_the_selection_keeps_its_seats(tmp_path: Path) -> None:
    """Even if the budget is smaller now."""
    async with open_house(tmp_path) as house:
        house.script([DIVISION], [DIVISION], [])
        first = house.open()
        await house.sandbox.settled()
        await work(house, Passing("run opinions"), "dies", 0)
        assert house.bought() == 0
        await spend(house)
        await work(house, failpoints.no_failpoint, "resumes", 20)
        assert readers(house, 0) == {"gpt-5.5", "claude-opus-5-5", "gemini-3.1-pro-preview"}
        (summary,) = house.comments(first)
        assert "3 of 3 answered" in summary

        # A run that selects now has fewer seats, and says so.
        since = house.bought()
        second = house.open(message="later")
        await house.sandbox.settled()
        await work(house, failpoints.no_failpoint, "later", 40)
        assert 0 < len(readers(house, since)) < 3
        (summary,) = house.comments(second)
        assert "may be spent" in summary


async def note(house: InProcessSystem, seat: str, right: int, wrong: int) -> None:
    """So many findings of an earlier pull request that only this seat raised, and people's feedback on them."""
    async with house.workshop.database.write() as connection:
        for index in range(right + wrong):
            found = StoredFinding(f"{seat}{index}", "bug", "app/cart.py", seat, "", "")
            await outcomes.save_sign(connection, (house.repository.id, 77, found.fingerprint, Source.THUMBS), found, index < right, now())


async def test_feedback_on_a_seats_findings_counts_in_the_selection(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        await note(house, "gpt-5.5", right=38, wrong=2)
        await note(house, "gemini-3.1-pro-preview", right=2, wrong=38)
        house.script([DIVISION], [DIVISION], [])
        pull = house.open()
        await house.settle()
        (summary,) = house.comments(pull)
        assert "records: openai/gpt-5.5" in summary
        assert "right (n = " in summary


async def rate(house: InProcessSystem, model: str, right: int, wrong: int) -> None:
    """People's feedback on findings of an earlier pull request that only this model raised, stored under its full name."""
    async with house.workshop.database.write() as connection:
        for index in range(right + wrong):
            found = StoredFinding(f"{model}{index}", "bug", "app/cart.py", model, "", "")
            await outcomes.save_sign(connection, (house.repository.id, 78, found.fingerprint, Source.THUMBS), found, index < right, now())


async def test_a_track_record_selects_a_model_of_a_larger_pool(tmp_path: Path) -> None:
    config = {".github/council.yml": "preset: balanced\n"}
    # Nobody names the seats, so the pool is all models of the three providers.
    plan = SystemOptions(SEATS, settings={"seats": (), "fallback": "off"}, base=BASE | config, head=HEAD)
    async with start_system(tmp_path, plan) as house:
        house.open()
        await house.settle()
        first = readers(house, 0)
        whole = {name.rsplit("/", 1)[-1]: name for name in pool({"openai", "anthropic", "gemini"})}
        idle = sorted(set(whole) - first)
        assert len(first) < len(whole) and idle
        promoted = idle[0]
        rival = next(name for name in sorted(first) if whole[name].split("/")[0] == whole[promoted].split("/")[0])
        await rate(house, whole[promoted], right=60, wrong=1)
        await rate(house, whole[rival], right=1, wrong=60)
        since = house.bought()
        house.open(message="later")
        await house.settle()
        assert promoted in readers(house, since)
        assert rival not in readers(house, since)


async def test_a_sign_has_the_full_model_string(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.script([DIVISION], [DIVISION], [])
        pull = house.open()
        await house.settle()
        house.repository.add_collaborator("ada", "write")
        found = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
        house.repository.comment(pull.number, "ada", f"/council dismiss {found}")
        await house.settle()
        async with house.workshop.database.read() as connection:
            (sign,) = await outcomes.list_signs(connection, house.repository.id, 0)
        assert sign.raised_by == ("anthropic/claude-opus-5-5", "openai/gpt-5.5")


async def test_a_model_with_two_seats_counts_as_one_vendor(tmp_path: Path) -> None:
    """It reads twice."""
    async with open_house(tmp_path, seats=("openai/gpt-5.5", "openai/gpt-5.5", "anthropic/claude-opus-5-5")) as house:
        house.sandbox.providers.script("gpt-5.5", ScriptedMember([DIVISION]))
        house.sandbox.providers.script("claude-opus-5-5", ScriptedMember([]))
        pull = house.open()
        await house.settle()
        asked = [call.model for call in house.sandbox.providers.calls if call.question == "OpinionAnswer"]
        assert sorted(asked) == ["claude-opus-5-5", "gpt-5.5", "gpt-5.5"]
        (summary,) = house.comments(pull)
        assert "**gpt-5.5** answered" in summary and "**gpt-5.5 (2)** answered" in summary
        assert "found by 2 of 3 models" in summary


def test_several_seats_of_one_model_are_numbered() -> None:
    assert short_names(["a/x", "b/y", "a/x", "c/y"]) == ["x", "b/y", "x (2)", "c/y"]
    assert short_names(["a/x", "b/y"]) == ["x", "y"]
