"""A change written by a coding agent: seats of its vendor count half, summary, check run and run page say so, and no finding is lost."""

from pathlib import Path

import pytest

from app.sandbox.github.entities import PullRequest
from app.sandbox.providers.response_script import ScriptedMember
from app.store.reviews import runs
from reviewers.values.verdict import Verdict
from tests.app.web.browser import Browser
from tests.stories.harness import BASE, DIVISION, HEAD, INJECTION, SEATS, InProcessSystem, open_system
from tests.system import SystemOptions, start_system

TRAILER = "Average and search\n\nCo-authored-by: Claude <noreply@anthropic.com>"
LINE = "Written with Claude Code: seats of Anthropic count half."


async def verdict_on(system: InProcessSystem, pull: PullRequest) -> Verdict:
    """The stored verdict of a pull request's newest run."""
    async with system.services.database.read() as connection:
        run = await runs.newest_run(connection, system.repository.id, pull.number)
    assert run is not None
    return Verdict.model_validate_json(run.verdict or "")


async def run_page(system: InProcessSystem, pull: PullRequest) -> str:
    """The page of a pull request's newest run, as its writer sees it."""
    system.repository.add_collaborator("will", "write")
    async with system.services.database.read() as connection:
        run = await runs.newest_run(connection, system.repository.id, pull.number)
    assert run is not None
    person = Browser(system.url, system.sandbox)
    try:
        await person.sign_in("will")
        return (await person.get(f"/runs/{run.id}")).text
    finally:
        await person.close()


def weights(verdict: Verdict) -> dict[str, float]:
    assert verdict.minutes is not None
    return {sitting.vendor: sitting.weight for sitting in verdict.minutes.sittings if sitting.is_model}


@pytest.mark.slow
async def test_a_trailer_halves_the_weight_of_its_vendors_seats(tmp_path: Path) -> None:
    """No finding is lost."""
    async with open_system(tmp_path) as system:
        # Only Claude's seat found the critical one, and the others reject it.
        system.script([DIVISION], [INJECTION], [], stance={"statement": ("reject", "The name is a constant.")})
        plain, signed = system.open(), system.open(message=TRAILER)
        await system.settle()
        before, after = await verdict_on(system, plain), await verdict_on(system, signed)
        assert weights(before) == {"openai": 1.0, "anthropic": 1.0, "google": 1.0}
        assert weights(after) == {"openai": 1.0, "anthropic": 0.5, "google": 1.0}
        standings = [{each.finding.title: each.standing for each in verdict.ranked} for verdict in (before, after)]
        assert standings[0] == standings[1]
        assert (before.quorum, before.answered) == (after.quorum, after.answered)
        (said,), (silent,) = system.comments(signed), system.comments(plain)
        assert LINE in said and "Written with" not in silent
        assert INJECTION["title"] in said
        assert {check.head_sha: LINE in (check.summary or "") for check in system.checks()} == {
            signed.head_sha: True,
            plain.head_sha: False,
        }
        assert [LINE in await run_page(system, pull) for pull in (signed, plain)] == [True, False]
        sure = {each.finding.title: each.confidence for each in after.ranked}
        assert sure[INJECTION["title"]] < {each.finding.title: each.confidence for each in before.ranked}[INJECTION["title"]]


async def test_a_forged_trailer_does_not_open_the_gate(tmp_path: Path) -> None:
    config = {".github/council.yml": "gate:\n  enabled: true\n"}
    async with start_system(
        tmp_path, SystemOptions(SEATS, settings={"fallback": "off", "mirrors": False}, base=BASE | config, head=HEAD)
    ) as system:
        # With half weight only, one vendor's finding with another vendor's confirmation does not rank first.
        system.script([], [DIVISION], [], stance={"divides": ("confirm", "len(items) is 0 there.")})
        system.sandbox.providers.script("gemini-3.1-pro-preview", ScriptedMember([], otherwise=("unsure", "Hard to say.")))
        plain, forged = system.open(), system.open(message=TRAILER)
        await system.settle()
        before, after = await verdict_on(system, plain), await verdict_on(system, forged)
        assert weights(after)["anthropic"] == 0.5
        assert after.ranked[0].confidence < before.ranked[0].confidence
        assert {check.head_sha: check.conclusion for check in system.checks()} == {plain.head_sha: "failure", forged.head_sha: "failure"}


async def test_a_repository_can_turn_it_off(tmp_path: Path) -> None:
    config = {".github/council.yml": "review:\n  author_aware: false\n"}
    async with start_system(
        tmp_path, SystemOptions(SEATS, settings={"fallback": "off", "mirrors": False}, base=BASE | config, head=HEAD)
    ) as system:
        system.script([DIVISION], [INJECTION], [])
        pull = system.open(message=TRAILER)
        await system.settle()
        assert set(weights(await verdict_on(system, pull)).values()) == {1.0}
        (summary,) = system.comments(pull)
        (check,) = system.checks()
        assert all("Written with" not in text for text in (summary, check.summary or "", await run_page(system, pull)))


async def test_without_a_seat_of_another_vendor_the_summary_says_so(tmp_path: Path) -> None:
    async with open_system(tmp_path, seats=("anthropic/claude-opus-5-5", "anthropic/claude-sonnet-5")) as system:
        system.script([DIVISION], [])
        pull = system.open(message=TRAILER)
        await system.settle()
        (summary,) = system.comments(pull)
        assert f"{LINE.removesuffix('.')}, and no model of another vendor answered." in summary
        assert "no model of another vendor than anthropic, whose models wrote the change, can be asked" in summary
