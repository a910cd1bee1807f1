"""Failing checks are explained: jobs by their logs, other CI by its own output, each with the state of the base branch."""

from dataclasses import replace

import pytest

from app.github.ci_logs import failing_checks
from app.github.installation_client import InstallationClient
from app.github.job_logs import log_of
from app.github.publisher import PostedObject
from app.github.pull_request import fetch
from app.sandbox.github.entities import PullRequest
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox
from reviewers.context.snapshot import FailingCheck
from tests.app.github.conftest import FULL_NAME

PASSED = "".join(f"2026-11-24T00:00:00.1234567Z tests/test_cart.py::test_{n} PASSED\n" for n in range(2_000))
LOG = (
    "\ufeff2026-11-24T00:00:00.1234567Z ##[group]Run pytest\n"
    f"{PASSED}"
    "2026-11-24T00:00:01.0000000Z \x1b[31mFAILED\x1b[0m a.py:2: test_empty\r\n"
    "2026-11-24T00:00:02.0000000Z \x1b]8;;http://x\x07link\x1b]8;;\x07 10%\r 50%\r100% done\n"
    "2026-11-24T00:00:03.0000000Z ##[error]Process completed with exit code 1.\n"
)
GREEN = f"2026-11-24T00:00:00.1234567Z ##[group]Run pytest\n{PASSED}2026-11-24T00:00:02.0000000Z 100% done\n"


async def explained(github: InstallationClient, sandbox: Sandbox, pull: PullRequest) -> tuple[tuple[FailingCheck, ...], int]:
    """The failing checks, and how many reads they took."""
    snapshot = (await fetch(github, FULL_NAME, pull.number)).snapshot
    before = github.reads
    return await failing_checks(github, snapshot, sandbox.world.app.id), github.reads - before


def opened(repository: SandboxRepository) -> PullRequest:
    return repository.open_pull_request("Change", {"a.py": "x = 1\ny = 2\n"})


async def test_a_green_head_costs_two_reads(github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository) -> None:
    checks, reads = await explained(github, sandbox, opened(repository))
    assert (checks, reads) == ((), 2)


async def test_a_failed_job_has_its_cause_linked_to_the_change(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    pull = opened(repository)
    repository.add_job(repository.branches["main"], "unit", GREEN)
    repository.add_failing_job(pull.head_sha, "unit", LOG)
    (check,), reads = await explained(github, sandbox, pull)
    assert "FAILED a.py:2: test_empty" in check.lines
    assert len(check.lines) < 10
    assert [(place.path, place.line, place.touched) for place in check.places] == [("a.py", 2, True)]
    assert not check.red_before
    assert "new against the last green run" in check.left_out
    assert reads == 5


@pytest.mark.parametrize("is_apart", [True, False])
async def test_a_log_is_read_without_our_token_from_any_host(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository, is_apart: bool
) -> None:
    links = sandbox.github.links
    sandbox.github.links = links if is_apart else replace(links, store=links.web)
    job = repository.add_failing_job(opened(repository).head_sha, "unit", LOG)
    assert b"FAILED" in await log_of(github, FULL_NAME, job.id)


async def test_the_last_green_run_is_found_behind_a_red_tip(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    pull = opened(repository)
    repository.add_job(repository.branches["main"], "unit", GREEN)
    repository.push_branch("main", {"b.py": "z = 3\n"})
    repository.add_failing_job(repository.branches["main"], "unit", LOG)
    repository.add_failing_job(pull.head_sha, "unit", LOG)
    # The details link of an Actions job names its run. The sandbox leaves it to the test.
    run = next(run for run in repository.workflow_runs.values() if run.head_sha == pull.head_sha)
    repository.check_runs[run.jobs[0].id].details_url = f"https://github.com/{FULL_NAME}/actions/runs/{run.id}/job/{run.jobs[0].id}"
    (check,), reads = await explained(github, sandbox, pull)
    assert check.red_before
    assert "new against the last green run" in check.left_out
    assert reads == 8


async def test_at_most_five_and_never_our_own(github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository) -> None:
    pull = opened(repository)
    for number in range(7):
        repository.add_failing_job(pull.head_sha, f"job {number}", LOG)
    repository.add_job(pull.head_sha, "green", "fine\n")
    ours = {"name": "Council", "head_sha": pull.head_sha, "status": "completed", "conclusion": "failure"}
    await github.post(f"/repos/{FULL_NAME}/check-runs", ours, PostedObject)
    checks, _ = await explained(github, sandbox, pull)
    assert [check.name for check in checks] == [f"job {number}" for number in range(5)]


async def test_annotations_of_linters_are_evidence(github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository) -> None:
    pull = opened(repository)
    notes = [
        {"path": "a.py", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "F821 undefined name"},
        {
            "path": ".github",
            "start_line": 2,
            "end_line": 2,
            "annotation_level": "failure",
            "message": "Process completed with exit code 1.",
        },
    ]
    repository.add_failing_job(pull.head_sha, "lint", "##[error]Process completed with exit code 1.\n", annotations=notes)
    (check,), _ = await explained(github, sandbox, pull)
    assert check.lines[0] == "a.py:1: failure: F821 undefined name"
    assert not any("exit code" in row for row in check.lines[:1])
    assert [(place.path, place.line) for place in check.places] == [("a.py", 1)]


async def test_a_status_is_explained_by_its_description(
    github: InstallationClient, sandbox: Sandbox, repository: SandboxRepository
) -> None:
    pull = opened(repository)
    repository.add_status(repository.branches["main"], "ci/old", "error", "broken for days")
    repository.add_status(pull.head_sha, "ci/old", "failure", "2 of 40 tests failed")
    repository.add_status(pull.head_sha, "ci/other", "success")
    (check,), _ = await explained(github, sandbox, pull)
    assert (check.name, check.lines, check.red_before) == ("ci/old", ("2 of 40 tests failed",), True)
