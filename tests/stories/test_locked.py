"""If GitHub accepts no comment of an App, nothing is done, nothing is retried, and a review only writes its check run."""

import pytest
from sqlalchemy import select

from app.sandbox.github.entities import PullRequest
from app.store.engine.upsert import sql_table
from app.store.reviews import pauses
from app.store.tables.core import JobRow, JobState
from tests.stories.harness import DIVISION, InProcessSystem
from tests.stories.questions import issue
from webhooks.commands import COMMANDS


async def states(system: InProcessSystem) -> set[str]:
    async with system.services.database.read() as connection:
        return set((await connection.execute(select(sql_table(JobRow).c.state))).scalars())


def checks(system: InProcessSystem) -> list[str | None]:
    return [check.title for check in system.checks()]


async def opened(system: InProcessSystem, *, locked: bool) -> PullRequest:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open(draft=True)
    await system.settle()
    pull.issue.locked = locked
    return pull


async def test_no_command_runs_on_a_locked_pull_request(system: InProcessSystem) -> None:
    pull = await opened(system, locked=True)
    comment = system.repository.comment(pull.number, "ada", "\n".join(f"/council {name} abcd" for name in COMMANDS))
    system.repository.comment(pull.number, "ada", "/council reveiw")
    await system.settle()
    assert system.comments(pull) == [] and comment.reactions == [] and system.bought() == 0 and checks(system) == ["Skipped: draft"]
    assert await states(system) <= {JobState.DONE, JobState.SKIPPED}


@pytest.mark.parametrize("name", ["pause", "dismiss abcd", "review", "ci", "ask why?", "history cart", "helpful", "help", "reveiw"])
async def test_a_lock_during_the_work_ends_it_silently(system: InProcessSystem, name: str) -> None:
    pull = await opened(system, locked=False)
    system.repository.comment(pull.number, "ada", f"/council {name}")
    await system.sandbox.settled()
    pull.issue.locked = True
    await system.settle()
    assert system.comments(pull) == [] and system.bought() == 0 and checks(system) == ["Skipped: draft"]
    assert not await states(system) & {JobState.DEAD, JobState.QUEUED}
    async with system.services.database.read() as connection:
        assert await pauses.read_pause(connection, system.repository.id, pull.number) is None


async def test_a_locked_issue_gets_no_help_either(system: InProcessSystem) -> None:
    made = issue(system)
    system.repository.comment(made.number, "ana", "/council help")
    await system.sandbox.settled()
    made.locked = True
    await system.settle()
    assert [comment.author.login for comment in made.comments] == ["ana"]
    assert not await states(system) & {JobState.DEAD, JobState.QUEUED}


async def test_a_review_of_a_locked_pull_request_is_only_a_check_run(system: InProcessSystem) -> None:
    pull = await opened(system, locked=True)
    system.repository.mark_ready(pull.number)
    await system.settle()
    (check,) = system.checks()
    assert check.status == "completed" and check.title.startswith("1 high")
    assert system.comments(pull) == [] and pull.reviews == []
    pull.issue.locked = False
    system.repository.push(pull.number, {"app/new.py": "x = 1\n"})
    await system.settle()
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 high")
