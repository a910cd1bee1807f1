"""A command that gets an 👀 also gets a line: on a closed pull request, under `publish: none`, and if the review fails before it starts."""

from sqlalchemy import update

from app.sandbox.faults import FaultKind
from app.store.engine.upsert import sql_table
from app.store.tables.core import JobRow, JobState
from tests.stories.harness import DIVISION, InProcessSystem

JOBS = sql_table(JobRow)


async def test_every_acknowledged_command_is_answered(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    system.repository.push_branch("main", {".github/council.yml": "review: {publish: none}\n"})
    pull = system.open(draft=True)
    await system.settle()

    async def said(command: str) -> str:
        before = len(system.comments(pull))
        comment = system.repository.comment(pull.number, "ada", command)
        await system.settle()
        assert [reaction.content for reaction in comment.reactions] == ["eyes"], command
        (answer,) = system.comments(pull)[before:]
        return answer

    assert (await said("/council review")).startswith("Council: do not merge yet · 1 high, `")
    assert system.checks() == []
    # Fails before its head is known.
    fault = system.sandbox.github.faults.add("GET", "/pulls/1$", FaultKind.FORBIDDEN, times=9)
    assert (await said("/council review once more")).startswith("This failed: 403 for GET")
    system.sandbox.github.faults.waiting.remove(fault)
    for command in ("/council history cart", "/council help"):
        fault = system.sandbox.github.faults.add("GET", "/collaborators/", FaultKind.FORBIDDEN, times=9)
        assert await said(command)
        system.sandbox.github.faults.waiting.remove(fault)
    system.repository.close(pull.number)
    await system.settle()
    assert (await said("/council review again")).startswith("This pull request is closed")


async def test_a_review_waiting_at_the_close_is_answered(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open()
    await system.settle()
    system.repository.comment(pull.number, "ada", "/council review")
    await system.sandbox.settled()
    for due in (system.services.clock() + 3_600.0, 0.0):
        async with system.services.database.write() as connection:
            await connection.execute(update(JOBS).where(JOBS.c.kind == "review", JOBS.c.state == JobState.QUEUED).values(run_at=due))
        if due:
            system.repository.close(pull.number)
        await system.settle()
    assert system.comments(pull)[-1].startswith("This pull request is closed, so it is not reviewed.")
