"""Permissions are read when they are needed."""

import pytest

from app.github.installation_client import InstallationClient
from app.github.permissions import Permission, permission_of
from app.sandbox.github.repository import SandboxRepository
from tests.app.github.conftest import FULL_NAME


@pytest.mark.parametrize(
    ("login", "role", "expected"),
    [
        ("ada", "admin", Permission.ADMIN),
        ("ben", "maintain", Permission.WRITE),
        ("cyd", "write", Permission.WRITE),
        ("dot", "triage", Permission.READ),
        ("eve", None, Permission.READ),
        ("robot[bot]", "admin", Permission.NONE),
        ("", None, Permission.NONE),
    ],
)
async def test_permissions(
    github: InstallationClient, repository: SandboxRepository, login: str, role: str | None, expected: Permission
) -> None:
    repository.world.user(login or "x")
    if role:
        repository.collaborators[login] = role
    assert await permission_of(github, FULL_NAME, login) == expected


async def test_an_unknown_login_has_none(github: InstallationClient) -> None:
    assert await permission_of(github, FULL_NAME, "nobody/../admin") == Permission.NONE
