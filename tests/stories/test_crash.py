"""A process that dies between any two effects leaves nothing undone and nothing done twice."""

import contextlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from app import failpoints
from app.clock import now
from app.work.job_handlers import JOB_HANDLERS
from app.work.worker import Worker
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem, open_system


class Died(BaseException):
    """Simulates kill -9: none of our code catches it."""


@dataclass
class Passing:
    """Records every failpoint. Dies at the named one."""

    deadly: str = ""
    passed: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if name == self.deadly:
            raise Died(name)


async def work(system: InProcessSystem, failpoint: failpoints.Failpoint, owner: str, later: float) -> None:
    """A worker of that name, at a later time, until nothing is due."""
    services = replace(system.services, owner=owner, failpoint=failpoint, clock=lambda: now() + later)
    with contextlib.suppress(Died):
        await Worker(services, JOB_HANDLERS).run_all()


async def test_a_normal_run_passes_every_failpoint(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        system.open()
        await system.sandbox.settled()
        passing = Passing()
        await work(system, passing, "w", 0)
        assert set(passing.passed) == set(failpoints.NAMES)


# In parts, because GitHub accepts at most 80 writes per minute from one installation.
@pytest.mark.parametrize("part", [0, *(pytest.param(part, marks=pytest.mark.slow) for part in (1, 2))])
async def test_a_crash_at_any_failpoint_leaves_one_review(tmp_path: Path, part: int) -> None:
    async with open_system(tmp_path) as system:
        system.script([DIVISION, INJECTION], [DIVISION], [])
        for turn, name in enumerate(failpoints.NAMES[part::3]):
            pull = system.open(message=name)
            await system.sandbox.settled()
            later = turn * 100.0
            await work(system, Passing(name), f"dies-{turn}", later)
            await work(system, failpoints.no_failpoint, f"resumes-{turn}", later + 20)
            checks = [check for check in system.checks() if check.head_sha == pull.head_sha]
            assert len(system.comments(pull)) == 1, name
            assert [review.state for review in pull.reviews] == ["COMMENTED"], name
            assert [(check.status, check.conclusion) for check in checks] == [("completed", "success")], name
