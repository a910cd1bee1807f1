"""What each right asks for at home and on a fork, and what a repository's settings may add to it."""

import pytest

from app.configuration.repository_config import CommandPermission, CommandsConfig
from app.github.permissions import Permission
from app.work.commands.authorization import Caller, required_permission

READ, WRITE, ADMIN = Permission.READ, Permission.WRITE, Permission.ADMIN


@pytest.mark.parametrize(
    ("command", "at_home", "on_a_fork", "paid"),
    [
        ("status", READ, READ, False),
        ("cost", READ, WRITE, False),
        ("config", READ, WRITE, False),
        ("dismiss", WRITE, WRITE, False),
        ("pause", WRITE, WRITE, False),
        ("review", WRITE, WRITE, True),
        # A reply in the thread of a finding is no command, and models answer it.
        ("reply", WRITE, WRITE, True),
        ("of tomorrow", WRITE, WRITE, True),
    ],
)
def test_what_a_command_asks_for(command: str, at_home: Permission, on_a_fork: Permission, paid: bool) -> None:
    right = Caller("ada", command).right
    assert [required_permission(right, from_fork, CommandsConfig()) for from_fork in (False, True)] == [at_home, on_a_fork]
    assert right.paid == paid


@pytest.mark.parametrize(
    ("command", "read", "cost", "wanted"),
    [
        ("status", CommandPermission.ADMIN, CommandPermission.WRITE, ADMIN),
        ("cost", CommandPermission.WRITE, CommandPermission.ADMIN, WRITE),
        ("review", CommandPermission.READ, CommandPermission.ADMIN, ADMIN),
        ("dismiss", CommandPermission.READ, CommandPermission.ADMIN, ADMIN),
        ("review", CommandPermission.ADMIN, CommandPermission.READ, WRITE),
        ("dismiss", CommandPermission.READ, CommandPermission.READ, WRITE),
    ],
)
def test_a_repository_asks_for_more_and_never_for_less(
    command: str, read: CommandPermission, cost: CommandPermission, wanted: Permission
) -> None:
    assert required_permission(Caller("ada", command).right, False, CommandsConfig(read=read, cost=cost)) == wanted


def test_who_asked_may_say_whether_the_answer_helped() -> None:
    assert required_permission(Caller("ada", "helpful", asked=True).right, False, CommandsConfig()) == READ
    assert required_permission(Caller("ada", "helpful").right, False, CommandsConfig()) == WRITE
