"""The same checks for each command: who may use it, that it posts once however often it is delivered, and that its cost is booked."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from app.sandbox.github import reviewing
from app.sandbox.github.entities import PullRequest
from app.sandbox.providers.response_script import ScriptedMember
from app.store.engine.upsert import sql_table
from app.store.tables.core import LedgerRow
from app.store.tables.decisions import CommandUseRow
from tests.stories.harness import DIVISION, INJECTION, InProcessSystem
from tests.stories.questions import POOL
from webhooks.commands import COMMANDS

LOOKS = {"help", "status", "summary", "explain", "why", "config", "cost", "history"}
ASKS = {"ask", "debug", "architecture", "performance", "security", "quality", "integration", "tests", "learn", "refactor", "ci"}
PAYS = ASKS | {"fix", "review"}
ARGUMENTS = {"resolved": "1", "history": "pool", "review": "--full"} | dict.fromkeys(ASKS - {"ci"}, "why is the pool empty?")


async def reviewed(system: InProcessSystem) -> PullRequest:
    """A pull request with two findings, neither of which has a fix, and a failing check."""
    fix = {"first_line": 6, "last_line": 6, "replacement": "    return 0", "note": "Returns 0."}
    answers = {"FixAnswer": fix, "FixVote": {"stance": "confirm", "evidence": "It does."}}
    findings = [each | {"suggestion": ""} for each in (DIVISION, INJECTION)]
    for seat in system.seats:
        member = ScriptedMember(findings=findings, answers=answers, solutions=[dict(POOL)])
        system.sandbox.providers.script(seat.split("/", 1)[1], member)
    for login, role in (("ada", "write"), ("eve", "read")):
        system.repository.add_collaborator(login, role)
    pull = system.open()
    await system.settle()
    system.repository.add_failing_job(pull.head_sha, "unit tests", "E   ZeroDivisionError: division by zero\n##[error]exit code 1.\n")
    return pull


def ours(pull: PullRequest) -> dict[int, str]:
    every = [*pull.issue.comments, *(comment for review in pull.reviews for comment in review.comments)]
    return {each.id: each.body for each in every if each.author.login.endswith("[bot]")}


async def give(system: InProcessSystem, pull: PullRequest, text: str, login: str) -> list[str]:
    """Our App's answer to a reply in the thread of a finding, delivered twice."""
    before, known = ours(pull), set(system.sandbox.github.webhook_sender.deliveries)
    reviewing.reply(system.repository, pull, pull.reviews[0].comments[0].id, system.sandbox.world.user(login), text)
    await system.settle()
    for delivery in [each for each in system.sandbox.github.webhook_sender.deliveries if each not in known]:
        system.sandbox.github.webhook_sender.redeliver(delivery)
    await system.settle()
    return [body for number, body in ours(pull).items() if number not in before]


async def books(system: InProcessSystem) -> tuple[int, bool]:
    """How many calls the ledger has, and whether each is settled."""
    async with system.services.database.read() as connection:
        rows = (await connection.execute(select(sql_table(LedgerRow)))).all()
    return len(rows), all(row.settled_at is not None and row.spent_usd is not None for row in rows)


async def uses(system: InProcessSystem) -> Mapping[str, bool]:
    async with system.services.database.read() as connection:
        rows = (await connection.execute(select(sql_table(CommandUseRow)))).all()
    return {f"{row.login} {row.command}": row.refused for row in rows}


@pytest.mark.slow
async def test_every_allowed_command_runs_once_and_its_cost_is_booked(system: InProcessSystem) -> None:
    system.services.__dict__["settings"] = system.settings.model_copy(update={"commands_a_day": 1_000, "paid_commands_a_day": 1_000})
    pull = await reviewed(system)
    for name in COMMANDS:
        bought, checks = system.bought(), len(system.checks())
        said = await give(system, pull, f"/council {name} {ARGUMENTS.get(name, '')}".strip(), "ada")
        if name == "review":
            # The head keeps its one check run.
            assert said == [] and len(system.checks()) == checks == 1
        else:
            assert len(said) == 1, (name, said)
        assert (system.bought() > bought) == (name in PAYS), name
        assert await books(system) == (system.bought(), True), name
        used = await uses(system)
        # Every specialist needs the permission of a question.
        assert used[f"ada {'ask' if name in ASKS - {'ci'} else name}"] is False, (name, used)


@pytest.mark.slow
async def test_a_readers_changing_or_paid_commands_are_refused(system: InProcessSystem) -> None:
    """Nothing is done."""
    system.services.__dict__["settings"] = system.settings.model_copy(update={"commands_a_day": 1_000, "paid_commands_a_day": 1_000})
    pull = await reviewed(system)
    bought, checks, refused = system.bought(), len(system.checks()), 0
    for name in COMMANDS:
        said = await give(system, pull, f"/council {name} {ARGUMENTS.get(name, '')}".strip(), "eve")
        if name in LOOKS:
            assert len(said) == 1 and not said[0].startswith("Only people"), (name, said)
            continue
        comment = next(each for each in reversed(reviewing.visible_comments(pull, None)) if each.author.login == "eve")
        thumb = "-1" in [reaction.content for reaction in comment.reactions]
        assert thumb or said[0].startswith("Only people with write access can"), (name, said)
        refused += 1
    assert refused == len(COMMANDS) - len(LOOKS)
    assert system.bought() == bought and len(system.checks()) == checks
