"""Permissions are read when they are needed."""

import json
from collections.abc import Mapping
from typing import cast

import pytest

from app.errors import NotFound
from app.github.connection import GitHubConnection, RawResponse
from app.github.installation_client import InstallationClient
from app.github.list_cache import InstallationLists, ListCache
from app.github.permissions import GrantState, Permission, maintains, permission_of, standing_of_account
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


class Answers:
    """A connection that knows some paths."""

    def __init__(self, known: Mapping[str, object]) -> None:
        self._known = known

    async def repeat(self, method: str, path: str, **more: object) -> RawResponse:
        if path not in self._known:
            raise NotFound(path)
        return RawResponse(json.dumps(self._known[path]).encode(), "")


async def turn() -> None:
    """A pace without a wait."""


def answering(known: Mapping[str, object]) -> InstallationClient:
    return InstallationClient(cast("GitHubConnection", Answers(known)), turn, InstallationLists(ListCache(), 7))


def granted(permission: str, account_id: int = 7, kind: str = "User", role: str = "") -> dict[str, object]:
    return {"permission": permission, "role_name": role or permission, "user": {"id": account_id, "type": kind}}


def path_of(login: str) -> str:
    return f"/repos/{FULL_NAME}/collaborators/{login}/permission"


async def test_only_a_person_has_a_permission() -> None:
    assert await permission_of(answering({path_of("ada"): granted("admin")}), FULL_NAME, "ada") == Permission.ADMIN
    for kind in ("Organization", "Bot"):
        assert await permission_of(answering({path_of("ada"): granted("admin", kind=kind)}), FULL_NAME, "ada") == Permission.NONE
    assert await permission_of(answering({path_of("ada%5Bbot%5D"): granted("admin")}), FULL_NAME, "ada[bot]") == Permission.NONE


@pytest.mark.parametrize(
    ("known", "standing"),
    [
        ({path_of("ada"): granted("write")}, (GrantState(Permission.WRITE, 7), "ada")),
        # The login is somebody else's now: the account has another one, or none that is known here.
        (
            {path_of("ada"): granted("admin", 8), "/user/7": {"login": "ada2"}, path_of("ada2"): granted("read")},
            (GrantState(Permission.READ, 7), "ada2"),
        ),
        ({path_of("ada"): granted("admin", 8), "/user/7": {"login": "ada2"}}, (GrantState(), "ada")),
        (
            {path_of("ada"): granted("admin", 8), "/user/7": {"login": "ada2"}, path_of("ada2"): granted("admin", 9)},
            (GrantState(), "ada"),
        ),
        ({path_of("ada"): granted("admin", 8)}, (GrantState(), "ada")),
    ],
)
async def test_a_login_that_was_given_up_gives_its_next_owner_nothing(
    known: Mapping[str, object], standing: tuple[GrantState, str]
) -> None:
    assert await standing_of_account(answering(known), FULL_NAME, "ada", 7) == standing


@pytest.mark.parametrize(
    ("permission", "role", "expected"),
    [("admin", "admin", True), ("write", "maintain", True), ("write", "write", False), ("read", "triage", False)],
)
async def test_who_maintains_a_repository(permission: str, role: str, expected: bool) -> None:
    assert await maintains(answering({path_of("ada"): granted(permission, role=role)}), FULL_NAME, "ada") == expected
    assert not await maintains(answering({}), FULL_NAME, "ada")
