"""Every command of a pull request: who may use it, what it posts, and that it posts once."""

import pytest
from sqlalchemy import select, update

from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.store.engine.upsert import sql_table
from app.store.questions import consultations
from app.store.questions.consultations import ConversationRef, KeepPeriod
from app.store.spending import plans
from app.store.tables.core import JobRow
from app.store.tables.decisions import CommandUseRow
from tests.stories.harness import DIVISION, INJECTION, SEATS, InProcessSystem
from tests.stories.questions import POOL
from webhooks.job_base import RepositoryRef


async def reviewed(house: InProcessSystem, **options: object) -> PullRequest:
    house.script([DIVISION, INJECTION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open(**options)
    await house.settle()
    return pull


async def said(house: InProcessSystem, pull: PullRequest, text: str, login: str = "ada") -> str:
    """The App's answer to one comment, "" for none, and never two."""
    before = len(house.comments(pull))
    house.repository.comment(pull.number, login, text)
    await house.settle()
    answers = house.comments(pull)[before:]
    assert len(answers) <= 1
    return answers[0] if answers else ""


def short_id(pull: PullRequest, word: str) -> str:
    bodies = [comment.body for review in pull.reviews for comment in review.comments]
    return next(body for body in bodies if word in body).split("<!-- council:finding ")[1][:4]


async def test_a_paused_pull_request_is_not_reviewed_until_resumed(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    assert (await said(house, pull, "/council pause")).startswith("Paused:")
    house.repository.push(pull.number, {"app/new.py": "x = 1\n"})
    await house.settle()
    assert [check.title for check in house.checks()][1:] == ["Skipped: paused"]
    assert "starting with" in await said(house, pull, "/council resume")
    assert len(house.checks()) == 2 and not (house.checks()[1].title or "").startswith("Skipped")
    assert "already" not in await said(house, pull, "/council resume")


async def test_a_dismissed_finding_is_only_listed(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    found = short_id(pull, "divides by zero")
    answer = await said(house, pull, f"/council dismiss {found} the cart is never empty")
    assert answer.startswith("Dismissed: An empty cart divides by zero. It will not be posted again")
    summary = house.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical\n")
    assert "1 dismissed" in summary and "dismissed by ada: the cart is never empty" in summary
    assert (await said(house, pull, f"/council restore {found}")).startswith("Restored:")
    assert house.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")
    assert "is not dismissed" in await said(house, pull, f"/council restore {found}")


async def test_a_finding_is_explained_and_fixed(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    bought = house.bought()
    found = short_id(pull, "divides by zero")
    explained = await said(house, pull, f"/council explain {found}")
    assert "gpt-5.5 found it" in explained and "confirmed it" in explained
    patch = await said(house, pull, f"/council fix {found}")
    assert "+    return total(items) / len(items) if items else 0" in patch and "--- a/app/cart.py" in patch
    both = await said(house, pull, f"/council fix {found}, {short_id(pull, 'pasted into')}")
    assert both.startswith("**One patch for 1 finding**") and f"request one with `/council fix {short_id(pull, 'pasted into')}`" in both
    assert "--- a/app/cart.py" in await said(house, pull, "/council fix all")
    assert "There is no such finding here: no id starts with abcdef" in await said(house, pull, f"/council fix {found} abcdef")
    assert house.bought() == bought
    assert "There is no such finding here" in await said(house, pull, "/council explain abcdef")
    assert "Which finding?" in await said(house, pull, "/council explain")


async def test_status_cost_and_config(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    assert "An empty cart divides by zero" in await said(house, pull, "/council summary")
    cost = await said(house, pull, "/council cost")
    assert "| openai/gpt-5.5 |" in cost and "left this month" in cost
    house.repository.branches["main"] = house.repository.push_branch(
        "main", {".github/council.yml": "review: {max_inline: 3}\n"}, "octo-dev", "Configure"
    )
    config = await said(house, pull, "/council config")
    assert "| `review.max_inline` | `3` | council.yml |" in config
    assert "| `review.drafts` | `False` | built-in |" in config


async def test_a_failed_review_is_retried_and_a_good_one_is_not(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    assert "did not fail" in await said(house, pull, "/council retry")
    assert (await said(house, pull, "/council cancel")).startswith("No review is in progress")


async def test_a_cancelled_waiting_review_can_be_requested_again(house: InProcessSystem) -> None:
    house.script([DIVISION], [DIVISION], [])
    house.repository.add_collaborator("ada", "write")
    pull = house.open()
    await house.sandbox.settled()
    house.repository.comment(pull.number, "ada", "/council cancel")
    await house.sandbox.settled()
    async with house.workshop.database.write() as connection:
        # The review waits, as if all slots were taken, until the command is done.
        jobs = sql_table(JobRow)
        await connection.execute(update(jobs).where(jobs.c.kind == "review").values(run_at=house.workshop.clock() + 3_600))
    await house.settle()
    (answer,) = house.comments(pull)
    assert answer.startswith("The review is canceled; nothing of it will be posted.")
    assert house.checks() == [] and house.bought() == 0
    await said(house, pull, "/council review")
    assert [check.status for check in house.checks()] == ["completed"]


async def test_arguments_choose_models_and_lower_the_budget(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    bought = house.bought()
    assert "cannot call `mistral/large`" in await said(house, pull, "/council review --models mistral/large")
    assert house.bought() == bought
    assert await said(house, pull, "/council review the loops --models gpt-5.5,claude-opus-5-5 --full") == ""
    assert {call.model for call in house.sandbox.providers.calls[bought:]} == {SEATS[0].split("/")[1], SEATS[1].split("/")[1]}
    assert await said(house, pull, "/council review --budget 0 --full") == ""
    assert "could not review this: no model was called" in house.comments(pull)[0]
    assert "The review runs again" in await said(house, pull, "/council retry")
    assert "do not merge" in house.comments(pull)[0]


@pytest.mark.parametrize("command", ["pause", "dismiss abcd", "review", "fix abcd", "ci", "ask why?", "debug it", "resolved 1", "helpful"])
async def test_a_reader_is_refused_once_in_words_then_with_a_thumb(house: InProcessSystem, command: str) -> None:
    pull = await reviewed(house)
    bought = house.bought()
    assert (await said(house, pull, f"/council {command}", "mallory")).startswith("Only people with write access can")
    assert await said(house, pull, f"/council {command} ", "mallory") == ""
    assert [each.content for each in pull.issue.comments[-1].reactions if each.author.login.endswith("[bot]")] == ["eyes", "-1"]
    assert house.bought() == bought


async def test_the_config_of_the_base_branch_applies(house: InProcessSystem) -> None:
    strict = {".github/council.yml": "commands: {read: write, cost: admin}\n"}
    house.repository.push_branch("strict", strict, "octo-dev", "Ask for more")
    for login in ("ada", "ben"):
        house.repository.add_collaborator(login, "write")
    there, here = house.open(base="strict", draft=True), house.open(draft=True)
    assert (await said(house, there, "/council pause")).startswith("Only people with admin access can")
    assert (await said(house, here, "/council pause")).startswith("Paused:")
    house.repository.push_branch("main", strict, "octo-dev", "Ask for more here too")
    assert (await said(house, here, "/council resume", "ben")).startswith("Only people with admin access can")


async def test_a_mention_of_the_app_is_a_command(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    assert "### Council: commands" in await said(house, pull, "@council-sandbox help")
    assert "### Council: commands" in await said(house, pull, "@council-sandbox[bot]: help please")


async def test_an_edit_runs_only_new_commands(house: InProcessSystem) -> None:
    """With the permissions of the person who edited."""
    pull = await reviewed(house)
    comment = house.repository.comment(pull.number, "mallory", "/council pause")
    await house.settle()
    assert "Only people with write access" in house.comments(pull)[-1]
    before = len(house.comments(pull))
    house.repository.edit_comment(comment.id, "/council pause\n/council cost", "ada")
    await house.settle()
    (answer,) = house.comments(pull)[before:]
    assert "| Model | Calls |" in answer


async def test_commands_have_a_daily_limit(house: InProcessSystem) -> None:
    house.workshop.__dict__["settings"] = house.settings.model_copy(update={"commands_a_day": 2})
    pull = await reviewed(house)
    for _ in range(2):
        assert await said(house, pull, "/council cost")
    assert "per person and day" in await said(house, pull, "/council cost")
    async with house.workshop.database.read() as connection:
        uses = (await connection.execute(select(sql_table(CommandUseRow)))).all()
    assert [use.refused for use in sorted(uses, key=lambda use: use.at)] == [False, False, True]


async def test_the_council_says_why_ci_is_red(house: InProcessSystem) -> None:
    log = "##[group]Run pytest\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n##[error]exit code 1.\n"
    pull = await reviewed(house)
    assert "No check of" in await said(house, pull, "/council ci")
    house.repository.add_failing_job(pull.head_sha, "unit tests", log)
    cause = {"name": "cause", "text": "`average` in app/cart.py divides by zero."}
    origin = {"name": "origin", "text": "This change: the line is new."}
    told = POOL | {"title": "Guard the empty cart", "facets": [cause, origin], "when": "ZeroDivisionError"}
    house.script([], [], [], solutions=[told])
    bought = house.bought()
    answer = await said(house, pull, "/council ci")
    assert answer.startswith("### Guard the empty cart · likely")
    assert "**Origin:** This change: the line is new." in answer
    assert "Why CI is red: 1 job, caused by this change" in answer and "ZeroDivisionError" in answer
    # Three opinions, all with the same solution, so nobody is left to judge it, and the chair's summary.
    assert house.bought() == bought + 4
    assert "Guard the empty cart" in await said(house, pull, "/council history red")


async def test_commands_of_one_comment_run_in_order(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    before = len(house.comments(pull))
    lines = ["pause", "cost", "resume", "nonsense", "config", "summary", "history cart"]
    house.repository.comment(pull.number, "ada", "\n".join(f"/council {line}" for line in lines))
    await house.settle()
    heads = [body[:12] for body in house.comments(pull)[before:]]
    assert heads == ["Paused: push", "### Council:", "Resumed: pus", "Unknown comm", "### Council:", "### Council:", "No question "]


async def test_a_question_waits_for_the_command_before_it(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    house.script([], [], [], solutions=[POOL])
    before = len(house.comments(pull))
    house.repository.comment(pull.number, "ada", "/council ask is it safe?\n/council helpful\n/council history safe\n/council pause")
    await house.settle()
    answers = house.comments(pull)[before:]
    assert [each[:12] for each in answers] == ["### The heal", "Noted: the a", "### Council:", "Paused: push"]
    assert "| helped | today |" in answers[2]


async def test_a_used_up_plan_starts_no_paid_work(house: InProcessSystem) -> None:
    pull = await reviewed(house)
    house.repository.add_failing_job(pull.head_sha, "unit tests", "E   ZeroDivisionError\n##[error]exit code 1.\n")
    installation = next(iter(house.sandbox.world.installations))
    async with house.workshop.database.write() as connection:
        await plans.change_plan(connection, house.repository.owner.login, "free", 1.0)
        for number in range(plans.PLANS["free"]):
            place = ConversationRef(installation, RepositoryRef(id=house.repository.id, full_name="acme/shop"))
            asked = (f"x{number}", f"x{number}", place, ("ada", "ask", "?"), KeepPeriod(house.workshop.clock(), 1e12))
            await consultations.insert_asked(connection, *asked)
    bought = house.bought()
    for command in ("ci", "ask why?", f"fix {short_id(pull, 'SQL')}"):
        assert "free plan is used up" in await said(house, pull, f"/council {command}"), command
    assert "```diff" in await said(house, pull, f"/council fix {short_id(pull, 'divides')}"), "what the council wrote already is free"
    root = pull.reviews[0].comments[0]
    reviewing.reply(house.repository, pull, root.id, house.sandbox.world.user("ada"), "Never empty here.")
    await house.settle()
    assert "free plan is used up" in pull.reviews[-1].comments[0].body
    assert house.bought() == bought
