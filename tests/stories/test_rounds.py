"""Pushes to a pull request: new changes are reviewed, known findings are not repeated, and fixed ones are marked."""

import pytest

from app.sandbox.github.entities import PullRequest
from tests.stories.harness import DIVISION, HEAD, INJECTION, InProcessSystem

REWORDED = DIVISION | {
    "title": "average() crashes for a cart without items",
    "body": "Nothing stops the denominator from being zero there. Guard against the empty case first.",
}
LATE = DIVISION | {
    "title": "total() sums floats and loses cents",
    "body": "Prices are floats; adding many of them drifts. Use Decimal.",
    "quote": "def average(items):",
    "line": 5,
    "severity": "medium",
    "suggestion": "",
}
FIXED = HEAD["app/cart.py"].replace("    return total(items) / len(items)", "    return total(items) / max(1, len(items))")


def inline(pull: PullRequest) -> list[str]:
    return [comment.body for review in pull.reviews for comment in review.comments]


async def opened(system: InProcessSystem) -> PullRequest:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull = system.open()
    await system.settle()
    assert len(inline(pull)) == 2
    return pull


async def test_fixed_findings_are_marked_and_open_ones_not_repeated(system: InProcessSystem) -> None:
    pull = await opened(system)
    system.script([REWORDED], [REWORDED], [])
    system.repository.push(pull.number, {"app/cart.py": FIXED.replace("max(1, len(items))", "(len(items) or 1)")})
    system.script([], [], [])
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical")
    assert "): 1 fixed, 1 still open</summary>" in summary
    assert "- fixed: An empty cart divides by zero" in summary
    assert len(inline(pull)) == 2


async def test_rephrased_and_late_findings_are_not_posted(system: InProcessSystem) -> None:
    pull = await opened(system)
    system.script([REWORDED, LATE], [REWORDED, LATE], [])
    changed = HEAD["app/cart.py"].replace("def find(db, name):", "def find(db, name, limit=10):")
    system.repository.push(pull.number, {"app/cart.py": changed})
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high")
    assert "2 still open" in summary and "average() crashes" not in summary.split("<details>")[0]
    assert "Not listed because these lines were reviewed before" in summary
    assert len(inline(pull)) == 2


async def test_a_rebase_calls_no_model_and_keeps_everything(system: InProcessSystem) -> None:
    pull = await opened(system)
    bought = system.bought()
    main = system.repository.push_branch("main", {"docs.md": "More.\n"}, "octo-dev", "Docs")
    files = dict(system.repository.commits[main].files) | {"app/cart.py": HEAD["app/cart.py"].encode()}
    system.repository.force_push(pull.number, system.repository.commit(files, (main,), "Average and search", "octo-dev").sha)
    await system.settle()
    (summary,) = system.comments(pull)
    assert system.bought() == bought
    assert "2 still open" in summary and "The branch was rebased. The diff is unchanged" in summary
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high")


async def test_a_moved_function_takes_its_finding_along(system: InProcessSystem) -> None:
    pull = await opened(system)
    body = "def average(items):\n    return total(items) / len(items)\n"
    system.script([], [], [])
    rest = HEAD["app/cart.py"].replace(body, "")
    system.repository.push(pull.number, {"app/cart.py": rest, "app/mean.py": f"from app.cart import total\n\n\n{body}"})
    await system.settle()
    (summary,) = system.comments(pull)
    assert "1 still open, 1 moved" in summary
    assert "app/mean.py:5" in summary


async def test_a_dismissed_finding_does_not_come_back_rephrased(system: InProcessSystem) -> None:
    pull = await opened(system)
    system.repository.add_collaborator("ada", "write")
    found = next(body for body in inline(pull) if "divides by zero" in body).split("<!-- council:finding ")[1][:4]
    system.repository.comment(pull.number, "ada", f"/council dismiss {found} never empty")
    await system.settle()
    system.script([REWORDED], [REWORDED], [])
    system.repository.push(pull.number, {"app/cart.py": HEAD["app/cart.py"].replace("def average(items):", "def average(items, of=None):")})
    await system.settle()
    summary = system.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical")
    assert "1 dismissed" in summary and "never empty" in summary
    assert len(inline(pull)) == 2


async def test_pushes_without_a_response_pause_the_reviews(system: InProcessSystem) -> None:
    """The summary says so once."""
    system.repository.branches["main"] = system.repository.push_branch(
        "main", {".github/council.yml": "review: {pause_after: 2}\n"}, "octo-dev", "Configure"
    )
    pull = await opened(system)
    for number in range(4):
        system.repository.push(pull.number, {f"app/more{number}.py": f"x = {number}\n"})
        await system.settle()
    (summary,) = system.comments(pull)
    assert summary.count("Reviews are paused: nobody responded to the reviews of the last 2 pushes.") == 1
    # Each head has a check. Those of the pushes without a review say so.
    assert [check.conclusion for check in system.checks()].count("skipped") == 2 and len(system.checks()) == 3 + 2


@pytest.mark.slow
async def test_a_persons_comment_keeps_the_reviews_going(system: InProcessSystem) -> None:
    system.repository.branches["main"] = system.repository.push_branch(
        "main", {".github/council.yml": "review: {pause_after: 2}\n"}, "octo-dev", "Configure"
    )
    pull = await opened(system)
    system.repository.comment(pull.number, "ada", "I am on it")
    for number in range(3):
        system.repository.push(pull.number, {f"app/more{number}.py": f"x = {number}\n"})
        await system.settle()
    (summary,) = system.comments(pull)
    assert "Reviews are paused" not in summary
    assert len(system.checks()) == 4
