"""GitHub refuses a write or a read: the run ends, only the refused surface is missing, and nothing is paid for twice."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from sqlalchemy import select

from app.clock import now
from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import CheckRun, PullRequest
from app.sandbox.github.webhook_sender import DeliveryMode
from app.sandbox.providers.response_script import ScriptedMember
from app.store.engine.upsert import sql_table
from app.store.health import health
from app.store.tables.core import JobRow, RunRow
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import DIVISION, InProcessSystem


async def settle_later(system: InProcessSystem, seconds: float) -> None:
    await Worker(replace(system.services, clock=lambda: now() + seconds), JOB_HANDLERS).run_all()


async def states(system: InProcessSystem) -> tuple[list[str], set[str]]:
    """The states of the runs in order, and of the unfinished jobs."""
    async with system.services.database.read() as connection:
        runs = (await connection.execute(select(sql_table(RunRow).c.state).order_by(sql_table(RunRow).c.created_at))).scalars().all()
        jobs = (
            (await connection.execute(select(sql_table(JobRow).c.state).where(sql_table(JobRow).c.finished_at.is_(None)))).scalars().all()
        )
    return list(runs), set(jobs)


def permit(system: InProcessSystem, **levels: str) -> None:
    system.sandbox.world.permit(next(iter(system.sandbox.world.installations)), **levels)


def inline(pull: PullRequest) -> int:
    return sum(len(review.comments) for review in pull.reviews if review.state == "COMMENTED")


async def test_without_the_checks_permission_the_review_is_published(system: InProcessSystem) -> None:
    """It names the missing permission."""
    system.script([DIVISION], [DIVISION], [])
    permit(system, checks="")
    pull = system.open()
    await system.settle()
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 high") and inline(pull) == 1
    assert "The check run could not be written: the App lacks the permission `checks: write` here." in summary
    assert "- `the checks of this head`" in summary
    assert (await states(system))[0] == ["published"]
    # A check that fails later is no reason to wait forever.
    system.repository.add_failing_job(pull.head_sha, "unit tests", "##[error]exit code 1.\n")
    await system.settle()
    await settle_later(system, 4000)
    assert (await states(system))[1] == set()
    async with system.services.database.read() as connection:
        (refused,) = (await health(connection, now())).refused
    assert refused.startswith("acme/shop: The check run could not be written: the App lacks the permission `checks: write`")


async def test_without_comments_the_check_run_has_everything(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    permit(system, issues="read", pull_requests="read")
    pull = system.open()
    await system.settle()
    (check,) = system.checks()
    assert (system.comments(pull), check.status, check.title) == ([], "completed", "1 high · 3 of 3 models")
    assert "The summary comment could not be written: the App lacks the permission" in (check.summary or "")


@pytest.mark.parametrize(("times", "commented"), [(1, 1), (9, 0)])
async def test_a_refused_review_is_retried_then_put_into_the_summary(system: InProcessSystem, times: int, commented: int) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.sandbox.github.faults.add("POST", "/reviews$", FaultKind.UNPROCESSABLE, times=times)
    pull = system.open()
    await system.settle()
    bought = system.bought()
    await settle_later(system, 40)
    (summary,) = system.comments(pull)
    assert inline(pull) == commented and system.bought() == bought
    assert ("GitHub rejected the comments on the diff, so their text is here." in summary) == (not commented)
    (check,) = system.checks()
    assert (check.conclusion, (await states(system))) == ("success", (["published"], set()))


async def test_a_refused_paid_review_resumes_from_its_verdict(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    refusals = [
        system.sandbox.github.faults.add(method, "/repos/acme/shop/", FaultKind.FORBIDDEN, times=99) for method in ("POST", "PATCH")
    ]
    pull = system.open()
    await system.settle()
    bought = system.bought()
    await settle_later(system, 40)
    assert await states(system) == (["dead"], set())
    for fault in refusals:
        system.sandbox.github.faults.waiting.remove(fault)
    system.repository.comment(pull.number, "ada", "/council retry")
    await system.settle()
    summary, answer = sorted(system.comments(pull))
    assert "continues where it failed" in answer or "continues where it failed" in summary
    assert any(said.startswith("### Council: do not merge yet · 1 high") for said in system.comments(pull)) and inline(pull) == 1
    assert system.bought() == bought and await states(system) == (["published"], set())


async def test_the_end_of_a_run_is_posted_once_github_is_back(system: InProcessSystem) -> None:
    """The run ends at once. Its check run does not stay in progress."""
    for seat in system.seats:
        system.sandbox.providers.model(seat.split("/", 1)[1])
    system.sandbox.github.faults.add("GET", "/pulls/1$", FaultKind.FORBIDDEN, times=99, skip=1)
    system.sandbox.github.faults.add("PATCH", "/check-runs/", FaultKind.BAD_GATEWAY, times=1)
    system.open()
    await system.settle()
    assert (await states(system))[0] == ["dead"]
    await settle_later(system, 100)
    checks: list[CheckRun] = system.checks()
    assert [(check.status, check.conclusion) for check in checks] == [("completed", "neutral")]
    assert (await states(system))[1] == set()


async def test_a_re_run_of_a_failed_run_costs_nothing(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    fault = system.sandbox.github.faults.add("GET", "/pulls/1$", FaultKind.FORBIDDEN, times=99, skip=1)
    pull = system.open()
    await system.settle()
    bought = system.bought()
    (check,) = system.checks()
    assert bought and check.conclusion == "neutral" and system.comments(pull) == []
    system.sandbox.github.faults.waiting.remove(fault)
    system.repository.rerequest(check.id)
    await system.settle()
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 high") and system.bought() == bought


@dataclass
class PushesMeanwhile:
    """A member that moves the head while it thinks, once, without a delivery."""

    system: InProcessSystem
    member: ScriptedMember = field(default_factory=ScriptedMember)
    has_pushed: bool = False

    def answer(self, question: str, prompt: str) -> dict[str, Any] | str:
        if not self.has_pushed:
            self.has_pushed = True
            webhook_sender = self.system.sandbox.github.webhook_sender
            webhook_sender.mode = DeliveryMode.LOSE
            self.system.repository.push(1, {"app/other.py": "x = 1\n"})
            webhook_sender.mode = DeliveryMode.SEND
        return self.member.answer(question, prompt)


@pytest.mark.slow
async def test_an_outdated_run_ends_even_if_its_check_is_refused(system: InProcessSystem) -> None:
    system.script([], [], [])
    system.sandbox.providers.script(system.seats[0].split("/", 1)[1], PushesMeanwhile(system))
    system.sandbox.github.faults.add("PATCH", "/check-runs/", FaultKind.FORBIDDEN)
    pull = system.open()
    await system.settle()
    assert await states(system) == (["superseded", "published"], set())
    assert [check.conclusion for check in system.checks() if check.head_sha == pull.head_sha] == ["success"]
