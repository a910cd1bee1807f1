"""Finds where a change comes from and where its config is read: all that a command needs of a pull request."""

from dataclasses import dataclass

from app.errors import NotFound
from app.github.installation_client import GitHubModel, InstallationClient


class _Repo(GitHubModel):
    id: int = 0
    default_branch: str = ""


class _End(GitHubModel):
    ref: str
    sha: str = ""
    repo: _Repo | None = None


class _Pull(GitHubModel):
    locked: bool = False
    base: _End
    head: _End


class _Conversation(GitHubModel):
    locked: bool = False


@dataclass(frozen=True)
class Origin:
    """Where the config is read (`base` is an expression of a commit), and whether the change comes from a fork.

    `head_sha` is "" for an issue. `locked` is whether GitHub rejects our comments on a pull request.
    """

    base: str
    from_fork: bool
    head_sha: str = ""
    locked: bool = False


# Git's own name for its tip.
DEFAULT_BRANCH = Origin("HEAD", from_fork=False)


async def is_locked(github: InstallationClient, full_name: str, number: int) -> bool:
    """Whether GitHub rejects our comments in a conversation, of an issue or a pull request. One read."""
    return (await github.get(f"/repos/{full_name}/issues/{number}", _Conversation)).locked


async def origin_of(github: InstallationClient, full_name: str, number: int) -> Origin:
    """The origin of a change. One read; for an issue, which has no base, the default branch; no read for a page (0)."""
    if not number:
        return DEFAULT_BRANCH
    try:
        pull = await github.get(f"/repos/{full_name}/pulls/{number}", _Pull)
    except NotFound:
        return DEFAULT_BRANCH
    repo, home = pull.head.repo, pull.base.repo
    to_default = home is not None and home.default_branch == pull.base.ref
    base = DEFAULT_BRANCH.base if to_default else f"refs/heads/{pull.base.ref}"
    return Origin(base, repo is None or home is None or repo.id != home.id, pull.head.sha, pull.locked)
