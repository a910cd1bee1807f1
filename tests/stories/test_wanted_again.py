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


async def test_a_force_push_back_shows_the_first_summary_again(system: InProcessSystem) -> None:
    """It costs nothing."""
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.script([], [], [])
    second = system.repository.push(pull.number, FIXED)
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: nothing to fix")
    bought = system.bought()
    system.repository.force_push(pull.number, first)
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical, 1 high") and f"Reviewed `{first[:7]}`" in summary
    system.repository.add_failing_job(first, "unit tests", LOG)
    await system.settle()
    (summary,) = system.comments(pull)
    assert "Why CI is red" in summary
    # And forth again, with a late delivery about the first head: GitHub is asked, and the second stays.
    system.repository.force_push(pull.number, second)
    await system.settle()
    late = next(delivery for delivery in system.sandbox.github.webhook_sender.deliveries.values() if delivery.action == "opened")
    system.sandbox.github.webhook_sender.send_raw("pull_request", late.body)
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: nothing to fix") and system.bought() == bought


@pytest.mark.parametrize("harm", [FaultKind.TOO_MANY, FaultKind.BAD_GATEWAY, FaultKind.RESET_AFTER])
async def test_a_summary_is_shown_again_though_the_first_write_fails(system: InProcessSystem, harm: FaultKind) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, FIXED)
    await system.settle()
    system.sandbox.github.faults.add("PATCH", "/issues/comments/", harm, retry_after=0.0)
    system.repository.force_push(pull.number, first)
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet") and f"Reviewed `{first[:7]}`" in summary


@pytest.mark.slow
async def test_a_summary_from_a_command_is_shown_again_too(system: InProcessSystem) -> None:
    """Its own job never had a verdict, because the settings file could not be read at that time."""
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    system.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"}, "ada")
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.repository.push_branch("main", {".github/council.yml": "review: {pause_after: 0}\n"}, "ada")
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, FIXED)
    await system.settle()
    bought = system.bought()
    system.repository.force_push(pull.number, first)
    await system.settle()
    summary = system.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet") and f"Reviewed `{first[:7]}`" in summary and system.bought() == bought


async def test_a_reopened_pull_request_is_reviewed(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    bought = system.bought()
    system.repository.close(pull.number)
    await system.settle()
    system.repository.reopen(pull.number)
    system.repository.mark_ready(pull.number, False)
    await system.settle()
    system.repository.mark_ready(pull.number)
    await system.settle()
    system.repository.add_failing_job(pull.head_sha, "unit tests", LOG)
    await system.settle()
    (summary,) = system.comments(pull)
    assert "Why CI is red" in summary and system.bought() == bought


@pytest.mark.slow
async def test_a_failed_review_is_revived(system: InProcessSystem) -> None:
    """By reopening, by a sweep, and by the end of a suspension."""
    system.script([DIVISION], [DIVISION], [])
    installation = next(iter(system.sandbox.world.installations))
    pulls = []
    for branch in ("one", "two", "three"):
        fault = system.sandbox.github.faults.add("GET", "/files$", FaultKind.FORBIDDEN, times=9)
        pulls.append(system.open(branch=branch))
        await system.settle()
        system.sandbox.github.faults.waiting.remove(fault)
        # Branches created in the same second have the same head, whose check names its pull request.
        assert "Could not review this: " in (system.checks()[-1].title or "")
        if branch == "one":
            system.repository.close(pulls[0].number)
            system.repository.reopen(pulls[0].number)
        elif branch == "two":
            await queue(system.services, [Reconcile(slot="now")])
        else:
            system.sandbox.world.suspend(installation)
            # No webhook reports what is pushed meanwhile.
            system.repository.push(pulls[0].number, {"app/new.py": "x = 1\n"})
            await system.settle()
            system.sandbox.world.suspend(installation, False)
        await system.settle()
        assert [len(system.comments(pull)) for pull in pulls] == [1] * len(pulls), branch
    assert f"Reviewed `{pulls[0].head_sha[:7]}`" in system.comments(pulls[0])[0]


async def test_a_refused_summary_is_shown_again_with_the_permission(system: InProcessSystem) -> None:
    """The force-push back comes while comments are forbidden. The account's change of permissions is a sweep; it costs nothing."""
    installation = next(iter(system.sandbox.world.installations))
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, FIXED)
    await system.settle()
    bought = system.bought()
    system.sandbox.world.permit(installation, issues="read", pull_requests="read")
    await system.settle()
    system.repository.force_push(pull.number, first)
    await system.settle()
    (summary,) = system.comments(pull)
    assert f"Reviewed `{first[:7]}`" not in summary
    system.sandbox.world.permit(installation, issues="write", pull_requests="write")
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet") and f"Reviewed `{first[:7]}`" in summary and system.bought() == bought


@pytest.mark.slow
@pytest.mark.parametrize("harm", [None, FaultKind.RESET])
async def test_a_check_whose_second_review_was_called_off_shows_its_verdict_again(system: InProcessSystem, harm: FaultKind | None) -> None:
    system.repository.add_collaborator("ada", "write")
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    (check,) = system.checks()
    verdict = (check.conclusion, check.title)
    # The second review of the head waits for GitHub, and a push calls it off.
    system.sandbox.github.faults.add("GET", r"/pulls/\d+$", FaultKind.TOO_MANY, skip=3, retry_after=30.0)
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    assert check.status == "in_progress"
    system.script([], [], [])
    system.repository.push(pull.number, FIXED)
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    assert check.conclusion == "cancelled"
    bought = system.bought()
    if harm is not None:
        system.sandbox.github.faults.add("PATCH", "/check-runs/", harm)
    system.repository.force_push(pull.number, first)
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    assert (check.conclusion, check.title) == verdict and system.bought() == bought


async def test_a_summary_that_was_refused_is_posted_with_the_permission(system: InProcessSystem) -> None:
    """The whole review was published without it. It costs nothing."""
    installation = next(iter(system.sandbox.world.installations))
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.world.permit(installation, issues="read", pull_requests="read")
    pull = system.open()
    await system.settle()
    async with system.services.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()
    assert system.comments(pull) == [] and [check.status for check in system.checks()] == ["completed"]
    bought = system.bought()
    system.sandbox.world.permit(installation, issues="write", pull_requests="write")
    await system.settle()
    (summary,) = system.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary and system.bought() == bought


@pytest.mark.parametrize("end", ["skipped", "unreadable", "dead"])
async def test_an_automatic_review_without_a_verdict_leaves_that_of_a_command(system: InProcessSystem, end: str) -> None:
    """A sweep looks again at a draft. Neither a rule, nor unreadable settings, nor a failure replaces the verdict on its check."""
    installation = next(iter(system.sandbox.world.installations))
    system.repository.add_collaborator("ada", "write")
    system.script([DIVISION], [DIVISION], [])
    pull = system.open(draft=True)
    await system.settle()
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    (check,) = system.checks()
    verdict, bought = (check.conclusion, check.title), system.bought()
    assert verdict[0] == "success" and len(system.comments(pull)) == 1
    if end == "unreadable":
        system.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"}, "ada")
    if end == "dead":
        system.sandbox.github.faults.add("GET", "/files$", FaultKind.FORBIDDEN, times=9)
    # After the delivery of the conversion our table calls the pull request closed, so a sweep asks GitHub about its head.
    system.repository.mark_ready(pull.number, False)
    await system.settle()
    system.sandbox.world.permit(installation, issues="write")
    await system.settle()
    assert (check.status, check.conclusion, check.title) == ("completed", *verdict)
    (summary,) = system.comments(pull)
    assert f"Reviewed `{pull.head_sha[:7]}`" in summary and system.bought() == bought


@pytest.mark.parametrize(("publish", "shared"), [("full", False), ("none", False), ("full", True)])
async def test_a_head_that_a_command_reviewed_is_not_bought_when_it_returns(system: InProcessSystem, publish: str, shared: bool) -> None:
    """Its automatic review had ended before it asked a model, so it could begin again. GitHub need not show that of the command."""
    system.repository.add_collaborator("ada", "write")
    system.repository.push_branch("release", {})
    system.repository.push_branch("main", {".github/council.yml": "review: [unclosed\n"}, "ada")
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.repository.push_branch("main", {".github/council.yml": f"review: {{publish: {publish}}}\n"}, "ada")
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    if shared:
        system.repository.open_pull_request("The same for the release", {}, base="release", same_as=pull.number)
        await system.settle()
    system.repository.push(pull.number, FIXED)
    await system.settle()
    bought = system.bought()
    assert bought
    system.repository.force_push(pull.number, first)
    await system.settle()
    assert system.bought() == bought
    if publish == "full":
        (summary,) = system.comments(pull)
        assert f"Reviewed `{first[:7]}`" in summary
        assert [run.conclusion for run in system.checks() if run.head_sha == first] == ["success"]
