"""A box of the summary comment is a command of the person who ticks it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app import failpoints
from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import PullRequest
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem, open_system
from tests.stories.test_crash import work


async def reviewed(system: InProcessSystem) -> PullRequest:
    system.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open()
    await system.settle()
    return pull


def box_of(pull: PullRequest, word: str) -> str:
    """The current line of the box about that finding."""
    return next(row for row in pull.issue.comments[0].body.splitlines() if row.startswith("- [") and word in row)


async def edit(system: InProcessSystem, pull: PullRequest, before: str, after: str, by: str = "ada") -> None:
    summary = pull.issue.comments[0]
    assert before in summary.body
    system.repository.edit_comment(summary.id, summary.body.replace(before, after), by)
    await system.settle()


async def tick(system: InProcessSystem, pull: PullRequest, *words: str, by: str = "ada") -> None:
    body = pull.issue.comments[0].body
    for word in words:
        row = box_of(pull, word)
        # A browser sends CRLF.
        body = body.replace(row, row.replace("[ ]", "[x]"))
    system.repository.edit_comment(pull.issue.comments[0].id, body.replace("\n", "\r\n"), by)
    await system.settle()


async def test_a_tick_dismisses_and_clearing_the_box_restores(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    assert box_of(pull, "divides by zero").startswith("- [ ] dismiss `")
    await tick(system, pull, "divides by zero")
    summary = system.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical\n")
    assert "1 dismissed" in summary and "dismissed by ada" in summary
    ticked = box_of(pull, "divides by zero")
    assert ticked.startswith("- [x]") and box_of(pull, "pasted into").startswith("- [ ]")
    await edit(system, pull, ticked, ticked.replace("[x]", "[ ]"))
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high\n")
    await tick(system, pull, "divides by zero")
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical\n") and "1 dismissed" in summary


async def test_two_ticks_in_one_edit_are_two_commands(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    await tick(system, pull, "divides by zero", "pasted into")
    (summary,) = system.comments(pull)
    assert summary.startswith("### Council: nothing to fix") and "2 dismissed" in summary


async def test_a_box_asks_for_a_review(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    bought = system.bought()
    await tick(system, pull, "review again")
    assert system.bought() > bought and box_of(pull, "review again").startswith("- [ ]")
    assert len(system.comments(pull)) == 1


@pytest.mark.slow
async def test_without_permission_the_box_is_cleared_and_answered_once(tmp_path: Path) -> None:
    async with open_system(tmp_path) as system:
        system.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin}\n"}, "octo-dev", "Configure")
        pull = await reviewed(system)
        bought = system.bought()
        await tick(system, pull, "divides by zero", "pasted into", "review again")
        summary, answer = system.comments(pull)
        assert "[x]" not in summary and "dismissed" not in summary.split("Act on findings")[0]
        assert answer.startswith("`ada`: Only people with admin access can")
        assert system.bought() == bought
        await tick(system, pull, "divides by zero")
        assert len(system.comments(pull)) == 2 and "[x]" not in system.comments(pull)[0]
        assert not pull.issue.comments[0].reactions


@pytest.mark.parametrize("who", ["renovate[bot]", "council[bot]"])
async def test_ticks_of_bots_and_our_own_edits_are_ignored(system: InProcessSystem, who: str) -> None:
    pull = await reviewed(system)
    await tick(system, pull, "divides by zero", by=system.sandbox.world.app.bot.login if who == "council[bot]" else who)
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")


async def test_an_old_version_of_the_comment_restores_nothing(system: InProcessSystem) -> None:
    """A box is identified by its id."""
    pull = await reviewed(system)
    summary = pull.issue.comments[0]
    old = summary.body
    await tick(system, pull, "pasted into")
    # Somebody with an older version of the comment ticks the other box.
    row = next(row for row in old.splitlines() if row.startswith("- [ ] dismiss") and "divides by zero" in row)
    system.repository.edit_comment(summary.id, old.replace(row, row.replace("[ ]", "[x]")), "ada")
    await system.settle()
    assert system.comments(pull)[0].startswith("### Council: nothing to fix") and "2 dismissed" in system.comments(pull)[0]


@pytest.mark.parametrize("word", ["Act on findings", "The item's name is pasted into the SQL statement.\n", "- [ ] review again"])
async def test_other_edits_of_the_comment_are_ignored(system: InProcessSystem, word: str) -> None:
    """An edit of other text, or one that removes the boxes."""
    pull = await reviewed(system)
    bought = system.bought()
    await edit(system, pull, word, "")
    async with system.services.database.read() as connection:
        kinds = list((await connection.execute(text("SELECT kind FROM job WHERE kind = 'command'"))).scalars())
    assert kinds == [] and system.bought() == bought and len(system.comments(pull)) == 1


async def test_a_redelivery_is_done_once(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    await tick(system, pull, "divides by zero")
    ticked = box_of(pull, "divides by zero")
    await edit(system, pull, ticked, ticked.replace("[x]", "[ ]"))
    webhook_sender = system.sandbox.github.webhook_sender
    edits = [
        delivery.id
        for delivery in webhook_sender.deliveries.values()
        if delivery.event == "issue_comment" and b'"login":"ada"' in delivery.body
    ]
    webhook_sender.redeliver(min(edits))
    await system.settle()
    # The tick came before the box was cleared: a redelivery changes nothing.
    assert box_of(pull, "divides by zero").startswith("- [ ]")


async def test_boxes_in_a_persons_comment_are_ignored(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    body = pull.issue.comments[0].body
    mine = system.repository.comment(pull.number, "ada", body.replace("/council help", "help"))
    system.repository.edit_comment(mine.id, mine.body.replace("- [ ] dismiss", "- [x] dismiss"), "ada")
    await system.settle()
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/issues/comments/"), ("GET", "/issues/comments/")])
@pytest.mark.parametrize("harm", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.RESET_AFTER])
async def test_a_tick_acts_once_whatever_request_fails(system: InProcessSystem, method: str, path: str, harm: FaultKind) -> None:
    pull = await reviewed(system)
    system.sandbox.github.faults.add(method, path, harm)
    body, row = pull.issue.comments[0].body, box_of(pull, "divides by zero")
    system.repository.edit_comment(pull.issue.comments[0].id, body.replace(row, row.replace("[ ]", "[x]")), "ada")
    await system.sandbox.settled()
    await work(system, failpoints.no_failpoint, "first", 0)
    await work(system, failpoints.no_failpoint, "again", 60)
    (summary,) = system.comments(pull)
    assert "1 dismissed" in summary and box_of(pull, "divides by zero").startswith("- [x]")
    async with system.services.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM command_use WHERE command = 'dismiss'"))).scalar() == 1


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/issues/comments/"), ("POST", "/issues/1/comments")])
async def test_a_refusal_is_posted_once_whatever_request_fails(tmp_path: Path, method: str, path: str) -> None:
    async with open_system(tmp_path) as system:
        system.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin}\n"}, "octo-dev", "Configure")
        pull = await reviewed(system)
        system.sandbox.github.faults.add(method, path, FaultKind.RESET_AFTER)
        body, row = pull.issue.comments[0].body, box_of(pull, "divides by zero")
        system.repository.edit_comment(pull.issue.comments[0].id, body.replace(row, row.replace("[ ]", "[x]")), "ada")
        await system.sandbox.settled()
        await work(system, failpoints.no_failpoint, "first", 0)
        await work(system, failpoints.no_failpoint, "again", 60)
        summary, answer = system.comments(pull)
        assert "[x]" not in summary and answer.startswith("`ada`: Only people with admin access")
