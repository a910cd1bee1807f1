"""Acceptance criteria of a closed issue: folded in the comment, listed on the run's page."""

from collections.abc import Callable

from sqlalchemy import text

from app.sandbox.github.reviewing import visible_comments
from tests.app.web.browser import Browser
from tests.stories.harness import DIVISION, InProcessSystem

ISSUE = "Shops want it.\n\n- [ ] `average` is there\n- [ ] An empty cart gives 0\n- [ ] <img src=x> @ada\n"
THERE = {"status": "met", "path": "app/cart.py", "line": 0, "quote": "def average(items):"}
ZERO = {"status": "not met", "path": "app/cart.py", "line": 0, "quote": DIVISION["quote"]}
INVENTED = {"status": "met", "path": "app/cart.py", "line": 0, "quote": "return 0 if not items else 1"}


async def test_criteria_of_a_closed_issue_are_answered_without_a_call(system: InProcessSystem, browser: Callable[[], Browser]) -> None:
    said = {"`average` is there": THERE, "An empty cart gives 0": ZERO, "<img src=x> @ada": INVENTED}
    system.script([DIVISION], [DIVISION], [DIVISION], criteria=said)
    issue = system.repository.open_issue("Average price", ISSUE)
    pull = system.open(body=f"Fixes #{issue.number}")
    await system.settle()
    (summary,) = system.comments(pull)
    rows = [row for row in summary.splitlines() if row.startswith(("- **met**", "- **not met**", "- **cannot tell**"))]
    assert [row.split("**")[1] for row in rows] == ["met", "not met", "cannot tell"]
    assert "<summary>Acceptance criteria: 1 met, 1 not met, 1 cannot tell</summary>" in summary
    assert "@ada" not in summary and "<img" not in summary
    assert not any("criteri" in comment.body.lower() for comment in visible_comments(pull, None))
    assert system.bought() == 7
    async with system.services.database.read() as connection:
        run = str((await connection.execute(text("SELECT id FROM run"))).scalar())
    will = browser()
    await will.sign_in("will")
    page = (await will.get(f"/runs/{run}")).text
    assert "Acceptance criteria: 1 met, 1 not met, 1 cannot tell" in page and "<img" not in page
