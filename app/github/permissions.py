"""What a person may do in a repository, asked at the moment it matters."""

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


class _User(Shape):
    type: str = "User"


class _Answer(Shape):
    permission: str = "none"
    role_name: str | None = None
    user: _User | None = None


async def permission_of(github: GitHub, full_name: str, login: str) -> Permission:
    """The permission of a login; none for bots and for who is not known to the repository."""
    if not login or login.endswith("[bot]"):
        return Permission.NONE
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return Permission.NONE
    if answer.user is not None and answer.user.type != "User":
        return Permission.NONE
    return Permission.named(answer.permission)


async def maintains(github: GitHub, full_name: str, login: str) -> bool:
    """Whether a person has the maintain or admin role; an older GitHub names no roles, and there only admins count."""
    try:
        answer = await github.get(f"/repos/{full_name}/collaborators/{quote(login, safe='')}/permission", _Answer)
    except NotFound:
        return False
    return answer.permission == "admin" or answer.role_name in {"maintain", "admin"}
