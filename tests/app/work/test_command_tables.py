"""Every command has an action and a right, and no action or right is without its command."""

import pytest

from app.work.commands.actions import COMMAND_ACTIONS
from app.work.commands.authorization import RIGHTS
from webhooks.commands import COMMANDS
from webhooks.commands.command import CommandRight, Request
from webhooks.jobs import AnswerCommentQuestion, ExecuteCommand, RepositoryRef, ReviewPullRequest

REQUEST = Request(1, RepositoryRef(id=2, full_name="acme/shop"), 3, on_pull_request=True, comment_id=4, login="ada", thread_id=5)


def executed() -> set[str]:
    jobs = {name: command.to_job(REQUEST, "") for name, command in COMMANDS.items()}
    return {name for name, job in jobs.items() if isinstance(job, ExecuteCommand)}


def test_each_command_of_a_pull_request_has_its_action() -> None:
    assert executed() == set(COMMAND_ACTIONS)


def test_each_command_has_a_right() -> None:
    assert set(RIGHTS) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_what_calls_models_is_paid(name: str) -> None:
    command = COMMANDS[name]
    if isinstance(command.to_job(REQUEST, "why"), (ReviewPullRequest, AnswerCommentQuestion)) and name != "explain":
        assert command.right is CommandRight.PAY and RIGHTS[name].paid
