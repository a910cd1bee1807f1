"""Where a change comes from and where its rules are read: all that a command needs to know of a pull request."""

from dataclasses import dataclass

from app.errors import NotFound
from app.github.client import GitHub, Shape


class _Repo(Shape):
    full_name: str = ""


class _End(Shape):
    ref: str
    repo: _Repo | None = None


class _Pull(Shape):
    base: _End
    head: _End


@dataclass(frozen=True)
class Origin:
    """Where rules are read (`base` is an expression of a commit), and whether the change comes from a fork."""

    base: str
    from_fork: bool


# Git's own name for its tip.
DEFAULT_BRANCH = Origin("HEAD", from_fork=False)


async def origin_of(github: GitHub, full_name: str, number: int) -> Origin:
    """One read; for an issue, which has no base, the default branch."""
    try:
        pull = await github.get(f"/repos/{full_name}/pulls/{number}", _Pull)
    except NotFound:
        return DEFAULT_BRANCH
    repo = pull.head.repo
    return Origin(f"refs/heads/{pull.base.ref}", repo is None or repo.full_name.lower() != full_name.lower())
