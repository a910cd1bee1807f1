"""CI fails: before the review, after it, or while the review waits for it."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from app.sandbox.github import checks
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import DIVISION, InProcessSystem

LOG = (
    "##[group]Run pytest\ntests/test_cart.py::test_one PASSED\ntests/test_cart.py::test_average FAILED\n"
    "=== FAILURES ===\n___ test_average ___\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n"
    "##[error]Process completed with exit code 1.\n"
)
WHY = "<details><summary>Why CI is red: 1 job, caused by this change</summary>"


async def test_a_later_failing_check_is_explained_once_for_free(system: InProcessSystem) -> None:
    system.script([DIVISION], [], [])
    pull = system.open()
    await system.settle()
    (before,) = system.comments(pull)
    assert "Why CI is red" not in before
    bought = system.bought()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    system.repository.add_status(pull.head_sha, "ci/mirror", "success")
    await system.settle()
    (after,) = system.comments(pull)
    assert after.count("Why CI is red") == 1
    assert WHY in after
    assert f"[`app/cart.py:6`]({system.settings.github_web_url}/acme/shop/blob/{pull.head_sha}/app/cart.py#L6)" in after
    assert "ZeroDivisionError: division by zero" in after
    assert after.startswith(before[: before.index("<details>")])
    assert system.bought() == bought


async def test_a_forks_pull_request_is_found_in_our_table_of_heads(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.repository.add_contributor("octo-dev")
    pull = system.open(fork=True)
    await system.settle()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    (summary,) = system.comments(pull)
    assert WHY in summary


async def test_a_second_failing_check_joins_the_first(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    system.repository.add_status(pull.head_sha, "ci/old", "failure", "2 of 40 tests failed")
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.count("Why CI is red") == 1
    assert "Why CI is red: 2 jobs" in summary
    async with system.services.database.read() as connection:
        rows = await connection.execute(text("SELECT name, cause FROM red_check ORDER BY name"))
        assert [tuple(row) for row in rows] == [("ci/old", "other error"), ("unit tests", "failed test")]
    assert "2 of 40 tests failed" in summary


async def test_a_head_without_a_review_is_not_explained(system: InProcessSystem) -> None:
    system.repository.add_failing_job(system.repository.branches["main"], "unit tests", LOG)
    await system.settle()
    assert system.bought() == 0


async def test_a_review_waits_for_ci_in_the_queue_for_a_limited_time(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.repository.push_branch("main", {".github/council.yml": "ci: {wait_seconds: 60}\n"})
    pull = system.open()
    job = system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    check = system.repository.check_runs[job.check_run_id]
    check.status, check.conclusion = "in_progress", None
    await system.settle()
    assert system.bought() == 0
    assert system.comments(pull) == []
    check.status, check.conclusion = "completed", "failure"
    later = replace(system.services, clock=lambda: system.services.clock() + 31)
    await Worker(later, JOB_HANDLERS).run_all()
    (summary,) = system.comments(pull)
    assert WHY in summary


async def test_the_wait_for_endless_ci_is_limited(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.repository.push_branch("main", {".github/council.yml": "ci: {wait_seconds: 60}\n"})
    pull = system.open()
    job = system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    system.repository.check_runs[job.check_run_id].status = "in_progress"
    await system.settle()
    assert system.comments(pull) == []
    await Worker(replace(system.services, clock=lambda: system.services.clock() + 61), JOB_HANDLERS).run_all()
    assert len(system.comments(pull)) == 1


async def test_other_ci_is_noticed_by_its_check_suite(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    await system.settle()
    bought = system.bought()
    output = {"title": "1 test failed", "summary": "app/cart.py:6: ZeroDivisionError", "text": ""}
    body = {"name": "circle", "head_sha": pull.head_sha, "status": "completed", "conclusion": "failure", "output": output}
    checks.create(system.repository, body, "circleci")
    # The sandbox sends events of check runs. GitHub also sends those of their suite.
    installation = system.sandbox.world.installation_of(system.repository)
    assert installation is not None
    suite = {
        "id": 44,
        "head_sha": pull.head_sha,
        "conclusion": "failure",
        "updated_at": "2026-11-24T10:00:00Z",
        "app": {"slug": "circleci"},
    }
    told = {
        "action": "completed",
        "check_suite": suite,
        "repository": {"id": system.repository.id, "full_name": "acme/shop"},
        "installation": {"id": installation.id},
    }
    for _ in range(2):
        system.sandbox.github.webhook_sender.send_raw("check_suite", json.dumps(told).encode())
        await system.settle()
    (summary,) = system.comments(pull)
    assert summary.count("Why CI is red") == 1
    assert "ZeroDivisionError" in summary
    assert system.bought() == bought


@pytest.mark.slow
async def test_a_check_that_failed_on_the_base_is_marked(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.repository.add_failing_job(system.repository.branches["main"], "unit tests", LOG)
    pull = system.open()
    await system.settle()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    (summary,) = system.comments(pull)
    assert "Why CI is red: 1 job, already red on the base branch" in summary
    assert "already red on `main`" in summary


async def test_the_repositorys_linter_notes_are_in_the_summary(system: InProcessSystem) -> None:
    system.script([], [], [])
    pull = system.open()
    note = {"path": "app/cart.py", "start_line": 6, "end_line": 6, "annotation_level": "failure", "message": "F821 undefined name"}
    said = "##[error]Process completed with exit code 1.\n"
    system.repository.add_failing_job(pull.head_sha, "lint", said, annotations=[note, note | {"path": ".github", "message": said}])
    await system.settle()
    (summary,) = system.comments(pull)
    assert WHY in summary
    assert "F821 undefined name" in summary


async def test_a_reordered_line_is_a_finding_and_quoted_safely(system: InProcessSystem) -> None:
    """Bidirectional control characters are not quoted unchanged."""
    system.script([], [], [])
    hidden = {"app/role.py": "def admin(role):\n    return role != 'user\u202e'\n"}
    pull = system.repository.open_pull_request("Check \u202ethe role", hidden, body="As\u200b agreed.")
    await system.settle()
    (review,) = pull.reviews
    assert any("U+202E" in comment.body for comment in review.comments)
    assert not any("\u202e" in comment.body for comment in review.comments)
