"""What a person may do in a repository, asked at the moment it matters."""

from dataclasses import dataclass
from enum import IntEnum
from urllib.parse import quote

from app.errors import NotFound
from app.github.client import GitHub, Shape


class Permission(IntEnum):
    """Comparable: `permission >= Permission.WRITE`."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3

    @classmethod
    def named(cls, name: str) -> "Permission":
        """By GitHub's legacy name, where maintain is write and triage is read; what is unknown is none."""
        return {"read": cls.READ, "triage": cls.READ, "write": cls.WRITE, "maintain": cls.WRITE, "admin": cls.ADMIN}.get(name, cls.NONE)


@dataclass(frozen=True)
class GrantState:
    """What GitHub says of a login: the permission, and whose account it is (0 where GitHub does not say)."""

    permission: Permission = Permission.NONE
    account_id: int = 0


class _User(Shape):
    id: int = 0
    type: str = "User"


class _Account(Shape):
    login: str


class _Answer(Shape):
    permission: str = "none"
    role_name: str | None = None
    user: _User | None = None


async def permission_of(github: GitHub, full_name: str, login: str) -> Permission:
    """The permission of a login; none for bots and for who is not known to the repository."""
    return (await standing_of(github, full_name, login)).permission


async def standing_of(github: GitHub, full_name: str, login: str) -> GrantState:
    """The same, with the account that has the login now."""
    if not login or login.endswith("[bot]"):
        return GrantState()
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return GrantState()
    if answer.user is not None and answer.user.type != "User":
        return GrantState()
    return GrantState(Permission.named(answer.permission), answer.user.id if answer.user else 0)


async def standing_of_account(github: GitHub, full_name: str, login: str, account_id: int) -> tuple[GrantState, str]:
    """What an account may do, and its login now; `login` is the one it had. Nothing for an account that GitHub does not know.

    A login that was given up may be somebody else's: then the account is asked for its new one.
    """
    known = await standing_of(github, full_name, login)
    if known.account_id == account_id:
        return known, login
    try:
        account = await github.get(f"/user/{account_id}", _Account)
    except NotFound:
        return GrantState(), login
    known = await standing_of(github, full_name, account.login)
    return (known, account.login) if known.account_id == account_id else (GrantState(), login)


async def maintains(github: GitHub, full_name: str, login: str) -> bool:
    """Whether a person has the maintain or admin role; an older GitHub names no roles, and there only admins count."""
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return False
    return answer.permission == "admin" or answer.role_name in {"maintain", "admin"}
