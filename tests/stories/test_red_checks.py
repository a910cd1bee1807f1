"""CI turns red: before the review, after it, or while it is waited for."""

from dataclasses import replace

from sqlalchemy import text

from app.work.kinds import KINDS
from app.work.worker import Worker
from tests.stories.house import DIVISION, House

LOG = (
    "##[group]Run pytest\ntests/test_cart.py::test_one PASSED\ntests/test_cart.py::test_average FAILED\n"
    "=== FAILURES ===\n___ test_average ___\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n"
    "##[error]Process completed with exit code 1.\n"
)
WHY = "<details><summary>Why CI is red: 1 job, at lines of this change</summary>"


async def test_a_run_that_turns_red_later_adds_why_once_and_buys_nothing(house: House) -> None:
    house.script([DIVISION], [], [])
    pull = house.open()
    await house.settle()
    (before,) = house.comments(pull)
    assert "Why CI is red" not in before
    bought = house.bought()
    house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await house.settle()
    house.repository.add_status(pull.head_sha, "ci/mirror", "success")
    await house.settle()
    (after,) = house.comments(pull)
    assert after.count("Why CI is red") == 1
    assert WHY in after
    assert f"[`app/cart.py:6`]({house.settings.github_web_url}/acme/shop/blob/{pull.head_sha}/app/cart.py#L6)" in after
    assert "ZeroDivisionError: division by zero" in after
    assert after.startswith(before[: before.index("<details>")])
    assert house.bought() == bought


async def test_a_fork_is_found_by_our_own_table_of_heads(house: House) -> None:
    house.script([], [], [])
    pull = house.open(fork=True)
    await house.settle()
    house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await house.settle()
    (summary,) = house.comments(pull)
    assert WHY in summary


async def test_a_second_red_check_joins_the_first(house: House) -> None:
    house.script([], [], [])
    pull = house.open()
    house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await house.settle()
    house.repository.add_status(pull.head_sha, "ci/old", "failure", "2 of 40 tests failed")
    await house.settle()
    (summary,) = house.comments(pull)
    assert summary.count("Why CI is red") == 1
    assert "Why CI is red: 2 jobs" in summary
    async with house.workshop.database.read() as connection:
        rows = await connection.execute(text("SELECT name, cause FROM red_check ORDER BY name"))
        assert [tuple(row) for row in rows] == [("ci/old", "other error"), ("unit tests", "failed test")]
    assert "2 of 40 tests failed" in summary


async def test_a_head_nobody_reviewed_is_not_explained(house: House) -> None:
    house.repository.add_failing_job(house.repository.branches["main"], "unit tests", LOG)
    await house.settle()
    assert house.bought() == 0


async def test_a_review_waits_for_ci_in_the_queue_and_not_longer_than_asked(house: House) -> None:
    house.script([], [], [])
    house.repository.push_branch("main", {".github/council.yml": "ci: {wait_seconds: 60}\n"})
    pull = house.open()
    job = house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    check = house.repository.check_runs[job.check_run_id]
    check.status, check.conclusion = "in_progress", None
    await house.settle()
    assert house.bought() == 0
    assert house.comments(pull) == []
    check.status, check.conclusion = "completed", "failure"
    later = replace(house.workshop, clock=lambda: house.workshop.clock() + 31)
    await Worker(later, KINDS).run_all()
    (summary,) = house.comments(pull)
    assert WHY in summary


async def test_ci_that_never_ends_is_not_waited_for(house: House) -> None:
    house.script([], [], [])
    house.repository.push_branch("main", {".github/council.yml": "ci: {wait_seconds: 60}\n"})
    pull = house.open()
    job = house.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    house.repository.check_runs[job.check_run_id].status = "in_progress"
    await house.settle()
    assert house.comments(pull) == []
    await Worker(replace(house.workshop, clock=lambda: house.workshop.clock() + 61), KINDS).run_all()
    assert len(house.comments(pull)) == 1
