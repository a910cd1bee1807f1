"""A word becomes a percentage once people have judged enough findings of a repository."""

from pathlib import Path

from app.clock import now
from app.store.reviews import outcomes
from app.store.reviews.outcomes import StoredFinding
from reviewers.council.calibration import ENOUGH
from reviewers.learning.feedback import Source
from tests.stories.harness import DIVISION, InProcessSystem, open_system

RAISED = "anthropic/claude-opus-5-5,openai/gpt-5.5"


async def judge(system: InProcessSystem, count: int, right: int, score: float) -> None:
    """People's feedback on so many findings of an earlier pull request that were ranked by this score."""
    async with system.services.database.write() as connection:
        for index in range(count):
            found = StoredFinding(f"old{index}", "bug", "app/cart.py", RAISED, "", "", score)
            await outcomes.save_sign(connection, (system.repository.id, 77, found.fingerprint, Source.THUMBS), found, index < right, now())


async def review(system: InProcessSystem, message: str) -> str:
    pull = system.open(message=message)
    await system.settle()
    (summary,) = system.comments(pull)
    return summary


async def test_confidence_is_a_word_until_enough_outcomes_are_known(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION], [DIVISION], [])
        await judge(system, ENOUGH - 1, right=ENOUGH - 1, score=0.5)
        assert "98 %" not in await review(system, "first")
        await judge(system, ENOUGH, right=ENOUGH, score=0.5)
        assert "98 %" in await review(system, "second")


async def test_feedback_is_stored_with_the_findings_score(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION], [DIVISION], [])
        pull = system.open()
        await system.settle()
        system.repository.add_collaborator("ada", "write")
        short = pull.reviews[0].comments[0].body.split("<!-- council:finding ")[1][:4]
        system.repository.comment(pull.number, "ada", f"/council dismiss {short}")
        await system.settle()
        async with system.services.database.read() as connection:
            (sign,) = await outcomes.list_signs(connection, system.repository.id, 0)
        assert sign.score is not None and 0.5 < sign.score < 1
