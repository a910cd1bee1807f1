"""A box of the summary comment is a command of the person who ticks it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app import failpoints
from app.sandbox.faults import FaultKind
from app.sandbox.github.entities import PullRequest
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem, open_house
from tests.stories.test_crash import work


async def reviewed(house: InProcessSystem) -> PullRequest:
    house.script([DIVISION, INJECTION], [DIVISION, INJECTION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open()
    await house.settle()
    return pull


def box_of(pull: PullRequest, word: str) -> str:
    """The current line of the box about that finding."""
    return next(row for row in pull.issue.comments[0].body.splitlines() if row.startswith("- [") and word in row)


async def edit(house: InProcessSystem, pull: PullRequest, before: str, after: str, by: str = "ada") -> None:
    summary = pull.issue.comments[0]
    assert before in summary.body
    house.repository.edit_comment(summary.id, summary.body.replace(before, after), by)
    await house.settle()


async def tick(house: InProcessSystem, pull: PullRequest, *words: str, by: str = "ada") -> None:
    body = pull.issue.comments[0].body
    for word in words:
        row = box_of(pull, word)
        # A browser sends CRLF.
        body = body.replace(row, row.replace("[ ]", "[x]"))
    house.repository.edit_comment(pull.issue.comments[0].id, body.replace("\n", "\r\n"), by)
    await house.settle()


async def test_a_tick_dismisses_and_clearing_the_box_restores(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    assert box_of(pull, "divides by zero").startswith("- [ ] dismiss `")
    await tick(house, pull, "divides by zero")
    summary = house.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical\n")
    assert "1 dismissed" in summary and "dismissed by ada" in summary
    ticked = box_of(pull, "divides by zero")
    assert ticked.startswith("- [x]") and box_of(pull, "pasted into").startswith("- [ ]")
    await edit(house, pull, ticked, ticked.replace("[x]", "[ ]"))
    assert house.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high\n")
    await tick(house, pull, "divides by zero")
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: do not merge yet · 1 critical\n") and "1 dismissed" in summary


async def test_two_ticks_in_one_edit_are_two_commands(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    await tick(house, pull, "divides by zero", "pasted into")
    (summary,) = house.comments(pull)
    assert summary.startswith("### Council: nothing to fix") and "2 dismissed" in summary


async def test_a_box_asks_for_a_review(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    bought = house.bought()
    await tick(house, pull, "review again")
    assert house.bought() > bought and box_of(pull, "review again").startswith("- [ ]")
    assert len(house.comments(pull)) == 1


async def test_without_permission_the_box_is_cleared_and_answered_once(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin}\n"}, "octo-dev", "Configure")
        pull = await reviewed(house)
        bought = house.bought()
        await tick(house, pull, "divides by zero", "pasted into", "review again")
        summary, answer = house.comments(pull)
        assert "[x]" not in summary and "dismissed" not in summary.split("Act on findings")[0]
        assert answer.startswith("`ada`: Only people with admin access can")
        assert house.bought() == bought
        await tick(house, pull, "divides by zero")
        assert len(house.comments(pull)) == 2 and "[x]" not in house.comments(pull)[0]
        assert not pull.issue.comments[0].reactions


@pytest.mark.parametrize("who", ["renovate[bot]", "council[bot]"])
async def test_ticks_of_bots_and_our_own_edits_are_ignored(house: InProcessSystem, who: str) -> None:
    pull = await reviewed(house)
    await tick(house, pull, "divides by zero", by=house.sandbox.world.app.bot.login if who == "council[bot]" else who)
    assert house.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")


async def test_an_old_version_of_the_comment_restores_nothing(house: InProcessSystem) -> None:
    """A box is identified by its id."""
    pull = await reviewed(house)
    summary = pull.issue.comments[0]
    old = summary.body
    await tick(house, pull, "pasted into")
    # Somebody with an older version of the comment ticks the other box.
    row = next(row for row in old.splitlines() if row.startswith("- [ ] dismiss") and "divides by zero" in row)
    house.repository.edit_comment(summary.id, old.replace(row, row.replace("[ ]", "[x]")), "ada")
    await house.settle()
    assert house.comments(pull)[0].startswith("### Council: nothing to fix") and "2 dismissed" in house.comments(pull)[0]


@pytest.mark.parametrize("word", ["Act on findings", "The item's name is pasted into the SQL statement.\n", "- [ ] review again"])
async def test_other_edits_of_the_comment_are_ignored(house: InProcessSystem, word: str) -> None:
    """An edit of other text, or one that removes the boxes."""
    pull = await reviewed(house)
    bought = house.bought()
    await edit(house, pull, word, "")
    async with house.workshop.database.read() as connection:
        kinds = list((await connection.execute(text("SELECT kind FROM job WHERE kind = 'command'"))).scalars())
    assert kinds == [] and house.bought() == bought and len(house.comments(pull)) == 1


async def test_a_redelivery_is_done_once(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    await tick(house, pull, "divides by zero")
    ticked = box_of(pull, "divides by zero")
    await edit(house, pull, ticked, ticked.replace("[x]", "[ ]"))
    courier = house.sandbox.github.courier
    edits = [each.id for each in courier.deliveries.values() if each.event == "issue_comment" and b'"login":"ada"' in each.body]
    courier.redeliver(min(edits))
    await house.settle()
    # The tick came before the box was cleared: a redelivery changes nothing.
    assert box_of(pull, "divides by zero").startswith("- [ ]")


async def test_boxes_in_a_persons_comment_are_ignored(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    body = pull.issue.comments[0].body
    mine = house.repository.comment(pull.number, "ada", body.replace("/council help", "help"))
    house.repository.edit_comment(mine.id, mine.body.replace("- [ ] dismiss", "- [x] dismiss"), "ada")
    await house.settle()
    assert house.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/issues/comments/"), ("GET", "/issues/comments/")])
@pytest.mark.parametrize("harm", [FaultKind.BAD_GATEWAY_AFTER, FaultKind.RESET_AFTER])
async def test_a_tick_acts_once_whatever_request_fails(house: InProcessSystem, method: str, path: str, harm: FaultKind) -> None:
    pull = await reviewed(house)
    house.sandbox.github.faults.add(method, path, harm)
    body, row = pull.issue.comments[0].body, box_of(pull, "divides by zero")
    house.repository.edit_comment(pull.issue.comments[0].id, body.replace(row, row.replace("[ ]", "[x]")), "ada")
    await house.sandbox.settled()
    await work(house, failpoints.no_failpoint, "first", 0)
    await work(house, failpoints.no_failpoint, "again", 60)
    (summary,) = house.comments(pull)
    assert "1 dismissed" in summary and box_of(pull, "divides by zero").startswith("- [x]")
    async with house.workshop.database.read() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM command_use WHERE command = 'dismiss'"))).scalar() == 1


@pytest.mark.parametrize(("method", "path"), [("PATCH", "/issues/comments/"), ("POST", "/issues/1/comments")])
async def test_a_refusal_is_posted_once_whatever_request_fails(tmp_path: Path, method: str, path: str) -> None:
    async with open_house(tmp_path) as house:
        house.repository.push_branch("main", {".github/council.yml": "commands: {cost: admin}\n"}, "octo-dev", "Configure")
        pull = await reviewed(house)
        house.sandbox.github.faults.add(method, path, FaultKind.RESET_AFTER)
        body, row = pull.issue.comments[0].body, box_of(pull, "divides by zero")
        house.repository.edit_comment(pull.issue.comments[0].id, body.replace(row, row.replace("[ ]", "[x]")), "ada")
        await house.sandbox.settled()
        await work(house, failpoints.no_failpoint, "first", 0)
        await work(house, failpoints.no_failpoint, "again", 60)
        summary, answer = house.comments(pull)
        assert "[x]" not in summary and answer.startswith("`ada`: Only people with admin access")
