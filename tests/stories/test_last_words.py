"""A command that gets an 👀 also gets a line: on a closed pull request, under `publish: none`, and if the review fails before it starts."""

from sqlalchemy import update

from app.sandbox.faults import FaultKind
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState
from tests.stories.harness import DIVISION, InProcessSystem

JOBS = sql_table(JobRow)


async def test_every_acknowledged_command_is_answered(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    house.repository.push_branch("main", {".github/council.yml": "review: {publish: none}\n"})
    pull = house.open(draft=True)
    await house.settle()

    async def said(command: str) -> str:
        before = len(house.comments(pull))
        comment = house.repository.comment(pull.number, "ada", command)
        await house.settle()
        assert [reaction.content for reaction in comment.reactions] == ["eyes"], command
        (answer,) = house.comments(pull)[before:]
        return answer

    assert (await said("/council review")).startswith("Council: do not merge yet · 1 high, `")
    assert house.checks() == []
    # Fails before its head is known.
    fault = house.sandbox.github.faults.add("GET", "/pulls/1$", FaultKind.FORBIDDEN, times=9)
    assert (await said("/council review once more")).startswith("This failed: 403 for GET")
    house.sandbox.github.faults.waiting.remove(fault)
    for command in ("/council history cart", "/council help"):
        fault = house.sandbox.github.faults.add("GET", "/collaborators/", FaultKind.FORBIDDEN, times=9)
        assert await said(command)
        house.sandbox.github.faults.waiting.remove(fault)
    house.repository.close(pull.number)
    await house.settle()
    assert (await said("/council review again")).startswith("This pull request is closed")


async def test_a_review_waiting_at_the_close_is_answered(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open()
    await house.settle()
    house.repository.comment(pull.number, "ada", "/council review")
    await house.sandbox.settled()
    for due in (house.workshop.clock() + 3_600.0, 0.0):
        async with house.workshop.database.write() as connection:
            await connection.execute(update(JOBS).where(JOBS.c.kind == "review", JOBS.c.state == JobState.QUEUED).values(run_at=due))
        if due:
            house.repository.close(pull.number)
        await house.settle()
    assert house.comments(pull)[-1].startswith("This pull request is closed, so it is not reviewed.")
