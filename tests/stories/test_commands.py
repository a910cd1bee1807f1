"""Every command of a pull request: who may use it, what it posts, and that it posts once."""

import pytest
from sqlalchemy import select, update

from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.store.engine.upsert import sql_table
from app.store.questions import consultations
from app.store.questions.consultations import ConversationRef, KeepPeriod, NewQuestion
from app.store.spending import plans
from app.store.tables.core import JobRow
from app.store.tables.decisions import CommandUseRow
from tests.stories.harness import DIVISION, INJECTION, SEATS, InProcessSystem
from tests.stories.questions import POOL
from webhooks.job_base import RepositoryRef


async def reviewed(system: InProcessSystem, **options: object) -> PullRequest:
    system.script([DIVISION, INJECTION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open(**options)
    await system.settle()
    return pull


async def said(system: InProcessSystem, pull: PullRequest, text: str, login: str = "ada") -> str:
    """The App's answer to one comment, "" for none, and never two."""
    before = len(system.comments(pull))
    system.repository.comment(pull.number, login, text)
    await system.settle()
    answers = system.comments(pull)[before:]
    assert len(answers) <= 1
    return answers[0] if answers else ""


def short_id(pull: PullRequest, word: str) -> str:
    bodies = [comment.body for review in pull.reviews for comment in review.comments]
    return next(body for body in bodies if word in body).split("<!-- council:finding ")[1][:4]


async def test_a_paused_pull_request_is_not_reviewed_until_resumed(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    assert (await said(system, pull, "/council pause")).startswith("Paused:")
    system.repository.push(pull.number, {"app/new.py": "x = 1\n"})
    await system.settle()
    assert [check.title for check in system.checks()][1:] == ["Skipped: paused"]
    assert "starting with" in await said(system, pull, "/council resume")
    assert len(system.checks()) == 2 and not (system.checks()[1].title or "").startswith("Skipped")
    assert "already" not in await said(system, pull, "/council resume")


async def test_a_dismissed_finding_is_only_listed(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    found = short_id(pull, "divides by zero")
    answer = await said(system, pull, f"/council dismiss {found} the cart is never empty")
    assert answer.startswith("Dismissed: An empty cart divides by zero. It will not be posted again")
    summary = system.comments(pull)[0]
    assert summary.startswith("### Council: do not merge yet · 1 critical\n")
    assert "1 dismissed" in summary and "dismissed by ada: the cart is never empty" in summary
    assert (await said(system, pull, f"/council restore {found}")).startswith("Restored:")
    assert system.comments(pull)[0].startswith("### Council: do not merge yet · 1 critical, 1 high")
    assert "is not dismissed" in await said(system, pull, f"/council restore {found}")


async def test_a_finding_is_explained_and_fixed(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    bought = system.bought()
    found = short_id(pull, "divides by zero")
    explained = await said(system, pull, f"/council explain {found}")
    assert "gpt-5.5 found it" in explained and "confirmed it" in explained
    patch = await said(system, pull, f"/council fix {found}")
    assert "+    return total(items) / len(items) if items else 0" in patch and "--- a/app/cart.py" in patch
    both = await said(system, pull, f"/council fix {found}, {short_id(pull, 'pasted into')}")
    assert both.startswith("**One patch for 1 finding**") and f"request one with `/council fix {short_id(pull, 'pasted into')}`" in both
    assert "--- a/app/cart.py" in await said(system, pull, "/council fix all")
    assert "There is no such finding here: no id starts with abcdef" in await said(system, pull, f"/council fix {found} abcdef")
    assert system.bought() == bought
    assert "There is no such finding here" in await said(system, pull, "/council explain abcdef")
    assert "Which finding?" in await said(system, pull, "/council explain")


async def test_status_cost_and_config(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    assert "An empty cart divides by zero" in await said(system, pull, "/council summary")
    cost = await said(system, pull, "/council cost")
    assert "| openai/gpt-5.5 |" in cost and "left this month" in cost
    system.repository.branches["main"] = system.repository.push_branch(
        "main", {".github/council.yml": "review: {max_inline: 3}\n"}, "octo-dev", "Configure"
    )
    config = await said(system, pull, "/council config")
    assert "| `review.max_inline` | `3` | council.yml |" in config
    assert "| `review.drafts` | `False` | built-in |" in config


async def test_a_failed_review_is_retried_and_a_good_one_is_not(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    assert "did not fail" in await said(system, pull, "/council retry")
    assert (await said(system, pull, "/council cancel")).startswith("No review is in progress")


async def test_a_cancelled_waiting_review_can_be_requested_again(system: InProcessSystem) -> None:
    system.script([DIVISION], [DIVISION], [])
    system.repository.add_collaborator("ada", "write")
    pull = system.open()
    await system.sandbox.settled()
    system.repository.comment(pull.number, "ada", "/council cancel")
    await system.sandbox.settled()
    async with system.services.database.write() as connection:
        # The review waits, as if all slots were taken, until the command is done.
        jobs = sql_table(JobRow)
        await connection.execute(update(jobs).where(jobs.c.kind == "review").values(run_at=system.services.clock() + 3_600))
    await system.settle()
    (answer,) = system.comments(pull)
    assert answer.startswith("The review is canceled; nothing of it will be posted.")
    assert system.checks() == [] and system.bought() == 0
    await said(system, pull, "/council review")
    assert [check.status for check in system.checks()] == ["completed"]


@pytest.mark.slow
async def test_arguments_choose_models_and_lower_the_budget(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    bought = system.bought()
    assert "cannot call `mistral/large`" in await said(system, pull, "/council review --models mistral/large")
    assert system.bought() == bought
    assert await said(system, pull, "/council review the loops --models gpt-5.5,claude-opus-5-5 --full") == ""
    assert {call.model for call in system.sandbox.providers.calls[bought:]} == {SEATS[0].split("/")[1], SEATS[1].split("/")[1]}
    assert await said(system, pull, "/council review --budget 0 --full") == ""
    assert "could not review this: no model was called" in system.comments(pull)[0]
    assert "The review runs again" in await said(system, pull, "/council retry")
    assert "do not merge" in system.comments(pull)[0]


@pytest.mark.parametrize("command", ["pause", "dismiss abcd", "review", "fix abcd", "ci", "ask why?", "debug it", "resolved 1", "helpful"])
async def test_a_reader_is_refused_once_in_words_then_with_a_thumb(system: InProcessSystem, command: str) -> None:
    pull = await reviewed(system)
    bought = system.bought()
    assert (await said(system, pull, f"/council {command}", "mallory")).startswith("Only people with write access can")
    assert await said(system, pull, f"/council {command} ", "mallory") == ""
    assert [reaction.content for reaction in pull.issue.comments[-1].reactions if reaction.author.login.endswith("[bot]")] == ["eyes", "-1"]
    assert system.bought() == bought


async def test_the_config_of_the_base_branch_applies(system: InProcessSystem) -> None:
    strict = {".github/council.yml": "commands: {read: write, cost: admin}\n"}
    system.repository.push_branch("strict", strict, "octo-dev", "Ask for more")
    for login in ("ada", "ben"):
        system.repository.add_collaborator(login, "write")
    there, here = system.open(base="strict", draft=True), system.open(draft=True)
    assert (await said(system, there, "/council pause")).startswith("Only people with admin access can")
    assert (await said(system, here, "/council pause")).startswith("Paused:")
    system.repository.push_branch("main", strict, "octo-dev", "Ask for more here too")
    assert (await said(system, here, "/council resume", "ben")).startswith("Only people with admin access can")


async def test_a_mention_of_the_app_is_a_command(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    assert "### Council: commands" in await said(system, pull, "@council-sandbox help")
    assert "### Council: commands" in await said(system, pull, "@council-sandbox[bot]: help please")


async def test_an_edit_runs_only_new_commands(system: InProcessSystem) -> None:
    """With the permissions of the person who edited."""
    pull = await reviewed(system)
    comment = system.repository.comment(pull.number, "mallory", "/council pause")
    await system.settle()
    assert "Only people with write access" in system.comments(pull)[-1]
    before = len(system.comments(pull))
    system.repository.edit_comment(comment.id, "/council pause\n/council cost", "ada")
    await system.settle()
    (answer,) = system.comments(pull)[before:]
    assert "| Model | Calls |" in answer


async def test_commands_have_a_daily_limit(system: InProcessSystem) -> None:
    system.services.__dict__["settings"] = system.settings.model_copy(update={"commands_a_day": 2})
    pull = await reviewed(system)
    for _ in range(2):
        assert await said(system, pull, "/council cost")
    assert "per person and day" in await said(system, pull, "/council cost")
    async with system.services.database.read() as connection:
        uses = (await connection.execute(select(sql_table(CommandUseRow)))).all()
    assert [use.refused for use in sorted(uses, key=lambda use: use.at)] == [False, False, True]


async def test_the_council_says_why_ci_is_red(system: InProcessSystem) -> None:
    log = "##[group]Run pytest\napp/cart.py:6: in average\nE   ZeroDivisionError: division by zero\n##[error]exit code 1.\n"
    pull = await reviewed(system)
    assert "No check of" in await said(system, pull, "/council ci")
    system.repository.add_failing_job(pull.head_sha, "unit tests", log)
    cause = {"name": "cause", "text": "`average` in app/cart.py divides by zero."}
    origin = {"name": "origin", "text": "This change: the line is new."}
    told = POOL | {"title": "Guard the empty cart", "facets": [cause, origin], "when": "ZeroDivisionError"}
    system.script([], [], [], solutions=[told])
    bought = system.bought()
    answer = await said(system, pull, "/council ci")
    assert answer.startswith("### Guard the empty cart · likely")
    assert "**Origin:** This change: the line is new." in answer
    assert "Why CI is red: 1 job, caused by this change" in answer and "ZeroDivisionError" in answer
    # Three opinions, all with the same solution, so nobody is left to judge it, and the chair's summary.
    assert system.bought() == bought + 4
    assert "Guard the empty cart" in await said(system, pull, "/council history red")


async def test_commands_of_one_comment_run_in_order(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    before = len(system.comments(pull))
    lines = ["pause", "cost", "resume", "nonsense", "config", "summary", "history cart"]
    system.repository.comment(pull.number, "ada", "\n".join(f"/council {line}" for line in lines))
    await system.settle()
    heads = [body[:12] for body in system.comments(pull)[before:]]
    assert heads == ["Paused: push", "### Council:", "Resumed: pus", "Unknown comm", "### Council:", "### Council:", "No question "]


@pytest.mark.slow
async def test_a_question_waits_for_the_command_before_it(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    system.script([], [], [], solutions=[POOL])
    before = len(system.comments(pull))
    system.repository.comment(pull.number, "ada", "/council ask is it safe?\n/council helpful\n/council history safe\n/council pause")
    await system.settle()
    answers = system.comments(pull)[before:]
    assert [answer[:12] for answer in answers] == ["### The heal", "Noted: the a", "### Council:", "Paused: push"]
    assert "| helped | today |" in answers[2]


async def test_a_used_up_plan_starts_no_paid_work(system: InProcessSystem) -> None:
    pull = await reviewed(system)
    system.repository.add_failing_job(pull.head_sha, "unit tests", "E   ZeroDivisionError\n##[error]exit code 1.\n")
    installation = next(iter(system.sandbox.world.installations))
    async with system.services.database.write() as connection:
        await plans.change_plan(connection, system.repository.owner.login, "free", 1.0)
        for number in range(plans.PLANS["free"]):
            place = ConversationRef(installation, RepositoryRef(id=system.repository.id, full_name="acme/shop"))
            asked = (f"x{number}", f"x{number}", place, NewQuestion("ada", "ask", "?"), KeepPeriod(system.services.clock(), 1e12))
            await consultations.insert_asked(connection, *asked)
    bought = system.bought()
    for command in ("ci", "ask why?", f"fix {short_id(pull, 'SQL')}"):
        assert "free plan is used up" in await said(system, pull, f"/council {command}"), command
    assert "```diff" in await said(system, pull, f"/council fix {short_id(pull, 'divides')}"), "what the council wrote already is free"
    root = pull.reviews[0].comments[0]
    reviewing.reply(system.repository, pull, root.id, system.sandbox.world.user("ada"), "Never empty here.")
    await system.settle()
    assert "free plan is used up" in pull.reviews[-1].comments[0].body
    assert system.bought() == bought
