"""Reads a person's permission in a repository when it is needed."""

from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import quote

from app.errors import NotFound
from app.github.installation_client import GitHubModel, GitHubUser, InstallationClient


class Permission(IntEnum):
    """Comparable: `permission >= Permission.WRITE`."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> "Permission":
        """From GitHub's legacy name, in which maintain is write and triage is read. Unknown names are none."""
        return {"read": cls.READ, "triage": cls.READ, "write": cls.WRITE, "maintain": cls.WRITE, "admin": cls.ADMIN}.get(name, cls.NONE)


@dataclass(frozen=True)
class GrantState:
    """A login's permission, and the id of its account (0 if GitHub does not give it)."""

    permission: Permission = Permission.NONE
    account_id: int = 0


class _Account(GitHubModel):
    login: str


class _Answer(GitHubModel):
    permission: str = "none"
    role_name: str | None = None
    user: GitHubUser | None = None


async def permission_of(github: InstallationClient, full_name: str, login: str) -> Permission:
    """The permission of a login. None for bots and for logins that the repository does not know."""
    return (await standing_of(github, full_name, login)).permission


async def standing_of(github: InstallationClient, full_name: str, login: str) -> GrantState:
    """The permission, with the account that has the login now."""
    if not login or login.endswith("[bot]"):
        return GrantState()
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return GrantState()
    if answer.user is not None and answer.user.type != "User":
        return GrantState()
    return GrantState(Permission.named(answer.permission), answer.user.id if answer.user else 0)


async def standing_of_account(github: InstallationClient, full_name: str, login: str, account_id: int) -> tuple[GrantState, str]:
    """An account's permission, and its current login; `login` is the previous one. Empty for an account that GitHub does not know.

    A login that was given up may belong to another account: then the account's current login is requested.
    """
    grant_state = await standing_of(github, full_name, login)
    if grant_state.account_id == account_id:
        return grant_state, login
    try:
        account = await github.get(f"/user/{account_id}", _Account)
    except NotFound:
        return GrantState(), login
    grant_state = await standing_of(github, full_name, account.login)
    return (grant_state, account.login) if grant_state.account_id == account_id else (GrantState(), login)


async def maintains(github: InstallationClient, full_name: str, login: str) -> bool:
    """Whether a person has the maintain or admin role. An older GitHub has no role names, and there only admins count."""
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return False
    return answer.permission == "admin" or answer.role_name in {"maintain", "admin"}
