"""Failing checks become a few clean lines."""

from app.github.ci_logs import clean, failing_checks
from app.github.client import GitHub
from app.github.writes import Remote
from app.sandbox.github.repository import Repository
from app.sandbox.server import Sandbox
from tests.app.github.conftest import FULL_NAME

LOG = (
    "\ufeff2026-11-24T00:00:00.1234567Z ##[group]Run pytest\n"
    "2026-11-24T00:00:01.0000000Z \x1b[31mFAILED\x1b[0m tests/test_cart.py::test_empty\r\n"
    "2026-11-24T00:00:02.0000000Z \x1b]8;;http://x\x07link\x1b]8;;\x07 10%\r 50%\r100% done\n"
    "2026-11-24T00:00:03.0000000Z ##[error]Process completed with exit code 1.\n"
    "2026-11-24T00:00:03.0000000Z ##[endgroup]\n"
)


def test_a_log_is_cleaned() -> None:
    assert clean(LOG) == ("FAILED tests/test_cart.py::test_empty", "100% done", "##[error]Process completed with exit code 1.")
    assert len(clean("x\n" * 5_000)) == 200
    assert clean("") == ()


async def test_the_failed_jobs_of_a_head_explain_themselves(github: GitHub, sandbox: Sandbox, repository: Repository) -> None:
    pull = repository.open_pull_request("Change", {"a.py": "x = 1\n"})
    for number in range(7):
        repository.add_failing_job(pull.head_sha, f"job {number}", LOG)
    repository.add_failing_job(pull.head_sha, "green", "fine\n", conclusion="success")
    ours = {"name": "Council", "head_sha": pull.head_sha, "status": "completed", "conclusion": "failure"}
    await github.post(f"/repos/{FULL_NAME}/check-runs", ours, Remote)
    checks = await failing_checks(github, FULL_NAME, pull.head_sha, sandbox.world.app.id)
    assert [check.name for check in checks] == [f"job {number}" for number in range(5)]
    assert checks[0].lines[0] == "FAILED tests/test_cart.py::test_empty"
