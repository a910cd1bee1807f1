"""A review waits for another try while its pull request changes: what it has begun on GitHub is taken back, and nothing is paid twice."""

import pytest
from sqlalchemy import update

from app.sandbox.faults import FaultKind
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem

JOBS = sql_table(JobRow)
OTHER = {"app/cart.py": "def total(items):\n    return sum(item.price for item in items)\n\n\ndef average(items):\n    return 0\n"}


async def go_on(system: InProcessSystem) -> None:
    """Let every waiting job run now."""
    async with system.services.database.write() as connection:
        await connection.execute(update(JOBS).where(JOBS.c.state == JobState.QUEUED).values(run_at=0.0))
    await system.settle()


def limit(system: InProcessSystem, method: str, path: str, skip: int = 0) -> None:
    """A limit of GitHub, after which a job waits."""
    system.sandbox.github.faults.add(method, path, FaultKind.TOO_MANY, skip=skip, retry_after=30.0)


@pytest.mark.slow
async def test_a_rerun_of_a_new_draft_does_not_stay_in_progress(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    # The limit hits when the verdict is there, and the check run is in progress.
    limit(system, "GET", r"/pulls/\d+$", skip=2)
    system.repository.rerequest_suite(pull.head_sha)
    await system.settle()
    assert [check.status for check in system.checks()] == ["in_progress"]
    system.repository.mark_ready(pull.number, False)
    await system.settle()
    await go_on(system)
    assert [(check.status, check.conclusion) for check in system.checks()] == [("completed", "cancelled")]


@pytest.mark.slow
async def test_a_rerun_of_a_draft_reviews_it(system: InProcessSystem) -> None:
    """A person asked for it after the conversion, which has ended reviews in our own table."""
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    await system.settle()
    once = system.bought()
    system.repository.mark_ready(pull.number, False)
    await system.settle()
    system.repository.rerequest_suite(pull.head_sha)
    await system.settle()
    await go_on(system)
    assert system.bought() == 2 * once and [check.status for check in system.checks()] == ["completed"]


async def test_a_closed_pull_request_keeps_no_draft_review_and_no_check_in_progress(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    pull = system.open()
    limit(system, "POST", r"/reviews/\d+/events$")
    await system.settle()
    assert [review.state for review in pull.reviews] == ["PENDING"]
    system.repository.close(pull.number)
    await system.settle()
    await go_on(system)
    assert pull.reviews == [] and [check.status for check in system.checks()] == ["completed"]


async def test_a_cancelled_review_that_waits_is_taken_back(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open()
    limit(system, "POST", r"/reviews/\d+/events$")
    await system.settle()
    system.repository.comment(pull.number, "ada", "/council cancel")
    await system.settle()
    assert system.comments(pull)[-1].startswith("The review is canceled")
    assert pull.reviews == [] and [check.status for check in system.checks()] == ["completed"]


@pytest.mark.parametrize("pushes", [False, True])
async def test_a_command_pays_for_one_head(system: InProcessSystem, pushes: bool) -> None:
    """A try that failed after the models answered goes on with the same head; for another one a command says that it was stopped."""
    system.repository.add_collaborator("ada", "write")
    system.script([DIVISION], [DIVISION], [])
    pull = system.open(draft=True)
    await system.settle()
    limit(system, "POST", r"/issues/\d+/comments$")
    system.repository.comment(pull.number, "ada", "/council review")
    await system.settle()
    bought = system.bought()
    assert bought and system.comments(pull) == []
    if pushes:
        system.repository.push(pull.number, OTHER)
    await go_on(system)
    assert system.bought() == bought
    (answer,) = system.comments(pull)
    assert ("The review was stopped: a newer commit was pushed" in answer) is pushes
    assert ("do not merge yet" in answer) is not pushes


async def test_a_published_review_stays_published_if_its_summary_cannot_be_shown_again(system: InProcessSystem) -> None:
    """What fails after the verdict is posted does not turn it into a failed review."""
    system.script([INJECTION], [INJECTION], [INJECTION])
    pull = system.open()
    first = pull.head_sha
    await system.settle()
    system.script([], [], [])
    system.repository.push(pull.number, OTHER)
    await system.settle()
    system.sandbox.github.faults.add("PATCH", "/issues/comments/", FaultKind.UNAVAILABLE, times=36)
    system.repository.force_push(pull.number, first)
    await system.settle()
    for _ in range(5):
        await go_on(system)
    (check,) = [check for check in system.checks() if check.head_sha == first]
    assert (check.title or "").startswith("1 critical")
