"""Conversations and pull requests longer than one read: the newest part is read, the rest counted, and our comment found by its id."""

import pytest

from app.sandbox.github.entities import Comment, Issue
from tests.stories.harness import DIVISION, InProcessSystem
from tests.stories.questions import POOL, ask, issue, script

LOG = "##[group]Run pytest\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n##[error]exit code 1.\n"


def fill(system: InProcessSystem, conversation: Issue, texts: list[str]) -> None:
    """Comments without webhooks."""
    world = system.sandbox.world
    for text in texts:
        at = world.now()
        conversation.comments.append(Comment(world.next_id(), conversation.number, world.user("ben"), text, at, at))


def prompts(system: InProcessSystem) -> str:
    return "".join(text for texts in system.sandbox.providers.prompts.values() for text in texts)


async def test_the_newest_comments_are_read_and_the_rest_counted(system: InProcessSystem) -> None:
    made = issue(system)
    script(system, [POOL], [POOL], [])
    fill(system, made, [f"Word number {number} on app/cart.py." for number in range(330)])
    (answer,) = await ask(system, made.number, "/council ask why does the pool run out?")
    asked = prompts(system)
    assert "Word number 329 on" in asked and "Word number 31 on" not in asked
    assert "its 31 earliest comments were not read" in answer


async def test_our_summary_is_found_behind_a_thousand_comments(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open(draft=True)
    fill(system, pull.issue, ["Me too."] * 1_010)
    system.repository.mark_ready(pull.number)
    await system.settle()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 high") and "Why CI is red" in summary


@pytest.mark.slow
async def test_the_newest_of_many_commits_are_read(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open(draft=True)
    for number in range(260):
        system.repository.push(pull.number, {"app/cart.py": system.files["app/cart.py"]}, message=f"Step {number}")
    system.repository.mark_ready(pull.number)
    await system.settle()
    asked = prompts(system)
    assert "Step 259" in asked and "Step 10\\" not in asked
    assert "earlier commits are not shown" in asked
