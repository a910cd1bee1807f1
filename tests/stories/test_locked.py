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


async def states(house: InProcessSystem) -> set[str]:
    async with house.workshop.database.read() as connection:
        return set((await connection.execute(select(sql_table(JobRow).c.state))).scalars())


def checks(house: InProcessSystem) -> list[str | None]:
    return [check.title for check in house.checks()]


async def opened(house: InProcessSystem, *, locked: bool) -> PullRequest:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open(draft=True)
    await house.settle()
    pull.issue.locked = locked
    return pull


async def test_no_command_runs_on_a_locked_pull_request(house: InProcessSystem) -> None:
    pull = await opened(house, locked=True)
    comment = house.repository.comment(pull.number, "ada", "\n".join(f"/council {name} abcd" for name in COMMANDS))
    house.repository.comment(pull.number, "ada", "/council reveiw")
    await house.settle()
    assert house.comments(pull) == [] and comment.reactions == [] and house.bought() == 0 and checks(house) == ["Skipped: draft"]
    assert await states(house) <= {JobState.DONE, JobState.SKIPPED}


@pytest.mark.parametrize("name", ["pause", "dismiss abcd", "review", "ci", "ask why?", "history cart", "helpful", "help", "reveiw"])
async def test_a_lock_during_the_work_ends_it_silently(house: InProcessSystem, name: str) -> None:
    pull = await opened(house, locked=False)
    house.repository.comment(pull.number, "ada", f"/council {name}")
    await house.sandbox.settled()
    pull.issue.locked = True
    await house.settle()
    assert house.comments(pull) == [] and house.bought() == 0 and checks(house) == ["Skipped: draft"]
    assert not await states(house) & {JobState.DEAD, JobState.QUEUED}
    async with house.workshop.database.read() as connection:
        assert await pauses.read_pause(connection, house.repository.id, pull.number) is None


async def test_a_locked_issue_gets_no_help_either(house: InProcessSystem) -> None:
    made = issue(house)
    house.repository.comment(made.number, "ana", "/council help")
    await house.sandbox.settled()
    made.locked = True
    await house.settle()
    assert [comment.author.login for comment in made.comments] == ["ana"]
    assert not await states(house) & {JobState.DEAD, JobState.QUEUED}


async def test_a_review_of_a_locked_pull_request_is_only_a_check_run(house: InProcessSystem) -> None:
    pull = await opened(house, locked=True)
    house.repository.mark_ready(pull.number)
    await house.settle()
    (check,) = house.checks()
    assert check.status == "completed" and check.title.startswith("1 high")
    assert house.comments(pull) == [] and pull.reviews == []
    pull.issue.locked = False
    house.repository.push(pull.number, {"app/new.py": "x = 1\n"})
    await house.settle()
    assert house.comments(pull)[0].startswith("### Council: do not merge yet · 1 high")
