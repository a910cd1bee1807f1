"""A head becomes current again: by a force-push back, by reopening, after a failure, after a suspension."""

import pytest
from sqlalchemy import update

from app.sandbox.faults import FaultKind
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState
from app.work.schedule import queue
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from webhooks.jobs import Reconcile

LOG = "##[group]Run pytest\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n##[error]exit code 1.\n"
JOBS = sql_table(JobRow)
FIXED = {"app/cart.py": "def total(items):\n    return sum(item.price for item in items)\n\n\ndef average(items):\n    return 0\n"}


async def test_a_force_push_back_shows_the_first_summary_again(house: InProcessSystem) -> None:
    """It costs nothing."""
    house.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull = house.open()
    first = pull.head_sha
    await house.settle()
    house.script([], [], [])
    second = house.repository.push(pull.number, FIXED)
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: nothing to fix")
    bought = house.bought()
    house.repository.force_push(pull.number, first)
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high") and f"Reviewed `{first[:7]}`" in summary
    house.repository.add_failing_job(first, "unit tests", LOG)
    await house.settle()
    (summary,) = house.comments(pull)
    assert "Why CI is red" in summary
    # And forth again, with a late delivery about the first head: GitHub is asked, and the second stays.
    house.repository.force_push(pull.number, second)
    await house.settle()
    late = next(each for each in house.sandbox.github.courier.deliveries.values() if each.action == "opened")
    house.sandbox.github.courier.send_raw("pull_request", late.body)
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: nothing to fix") and house.bought() == bought


@pytest.mark.parametrize("harm", [FaultKind.TOO_MANY, FaultKind.BAD_GATEWAY, FaultKind.RESET_AFTER])
async def test_a_summary_is_shown_again_though_the_first_write_fails(house: InProcessSystem, harm: FaultKind) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    first = pull.head_sha
    await house.settle()
    house.script([], [], [])
    house.repository.push(pull.number, FIXED)
    await house.settle()
    house.sandbox.github.faults.add("PATCH", "/issues/comments/", harm, retry_after=0.0)
    house.repository.force_push(pull.number, first)
    await house.settle()
    async with house.workshop.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: do not merge yet") and f"Reviewed `{first[:7]}`" in summary


async def test_a_summary_from_a_command_is_shown_again_too(house: InProcessSystem) -> None:
    """Its own job never had a verdict, because the settings file could not be read at that time."""
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    house.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"}, "ada")
    pull = house.open()
    first = pull.head_sha
    await house.settle()
    house.repository.push_branch("main", {".github/council.yml": "review: {pause_after: 0}\n"}, "ada")
    house.repository.comment(pull.number, "ada", "/council review")
    await house.settle()
    house.script([], [], [])
    house.repository.push(pull.number, FIXED)
    await house.settle()
    bought = house.bought()
    house.repository.force_push(pull.number, first)
    await house.settle()
    summary = house.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet") and f"Reviewed `{first[:7]}`" in summary and house.bought() == bought


async def test_a_reopened_pull_request_is_reviewed(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    pull = house.open()
    await house.settle()
    bought = house.bought()
    house.repository.close(pull.number)
    await house.settle()
    house.repository.reopen(pull.number)
    house.repository.mark_ready(pull.number, False)
    await house.settle()
    house.repository.mark_ready(pull.number)
    await house.settle()
    house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await house.settle()
    (summary,) = house.comments(pull)
    assert "Why CI is red" in summary and house.bought() == bought


async def test_a_failed_review_is_revived(house: InProcessSystem) -> None:
    """By reopening, by a sweep, and by the end of a suspension."""
    house.script([DIVISION], [DIVISION], [])
    installation = next(iter(house.sandbox.world.installations))
    pulls = []
    for branch in ("one", "two", "three"):
        fault = house.sandbox.github.faults.add("GET", "/files$", FaultKind.FORBIDDEN, times=9)
        pulls.append(house.open(branch=branch))
        await house.settle()
        house.sandbox.github.faults.waiting.remove(fault)
        # Branches created in the same second have the same head, whose check names its pull request.
        assert "Could not review this: " in house.checks()[-1].title
        if branch == "one":
            house.repository.close(pulls[0].number)
            house.repository.reopen(pulls[0].number)
        elif branch == "two":
            await queue(house.workshop, [Reconcile(slot="now")])
        else:
            house.sandbox.world.suspend(installation)
            # No webhook reports what is pushed meanwhile.
            house.repository.push(pulls[0].number, {"app/new.py": "x = 1\n"})
            await house.settle()
            house.sandbox.world.suspend(installation, False)
        await house.settle()
        assert [len(house.comments(pull)) for pull in pulls] == [1] * len(pulls), branch
    assert f"Reviewed `{pulls[0].head_sha[:7]}`" in house.comments(pulls[0])[0]
