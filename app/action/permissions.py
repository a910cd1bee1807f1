"""Checks the job token's permissions before anything is paid for, and reports each missing one with the YAML that grants it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.errors import CouncilError, GitHubRejected, NotFound
from app.github.installation_client import GitHubModel, InstallationClient

_FORBIDDEN = 403


class _Anything(GitHubModel):
    """Any answer."""


@dataclass(frozen=True)
class JobPermission:
    """A permission of the job's token, under its name in a workflow's `permissions:`, and what is lost without it, "" for everything."""

    name: str
    level: str
    without: str = ""

    def __str__(self) -> str:
        lost = f" ({self.without})" if self.without else ""
        return f'the job\'s token lacks {self.name}: {self.level}{lost}: add "{self.name}: {self.level}" under "permissions:" of the job'


_CONTENTS = JobPermission("contents", "read")
_PULLS = JobPermission("pull-requests", "write")
_ISSUES = JobPermission("issues", "write")
_CHECKS = JobPermission("checks", "write", "the review appears only in comments, without a check run")
_ACTIONS = JobPermission("actions", "read", "logs of failing jobs are not read")
_STATUSES = JobPermission("statuses", "read", "commit statuses are not read")


@dataclass(frozen=True)
class MissingPermissions:
    """What the token lacks: without the first nothing works, without the second something is left out."""

    needed: tuple[JobPermission, ...] = ()
    optional: tuple[JobPermission, ...] = ()


@dataclass(frozen=True)
class PermissionProbe:
    """What to check: a repository, a commit ("HEAD" for the default branch), and a pull request or issue (0 for none)."""

    full_name: str
    sha: str
    number: int
    is_pull_request: bool


async def find_missing(github: InstallationClient, probe: PermissionProbe) -> MissingPermissions:
    """Try each permission, because no answer of GitHub's lists a token's permissions.

    Nothing is written: GitHub checks the permission first, then rejects a check run without a name (422) and does not find the review 0
    (404).
    """
    root = f"/repos/{probe.full_name}"
    asked: list[tuple[JobPermission, Callable[[], Awaitable[object]]]] = [
        (_CONTENTS, lambda: github.get(f"{root}/commits/{probe.sha}", _Anything)),
        (_CHECKS, lambda: github.post(f"{root}/check-runs", {}, _Anything)),
        (_ACTIONS, lambda: github.get(f"{root}/actions/runs", _Anything, {"per_page": 1})),
        (_STATUSES, lambda: github.get(f"{root}/commits/{probe.sha}/status", _Anything)),
    ]
    if probe.is_pull_request:
        asked.append((_PULLS, lambda: github.delete(f"{root}/pulls/{probe.number}/reviews/0")))
    elif probe.number:
        asked.append((_ISSUES, lambda: github.post(f"{root}/issues/{probe.number}/comments", {}, _Anything)))
    missing = [permission for permission, ask in asked if await _is_refused(ask)]
    return MissingPermissions(
        tuple(permission for permission in missing if not permission.without),
        tuple(permission for permission in missing if permission.without),
    )


async def _is_refused(ask: Callable[[], Awaitable[object]]) -> bool:
    """Whether GitHub answers 403. The review itself handles any other error."""
    try:
        await ask()
    except GitHubRejected as error:
        return error.status == _FORBIDDEN
    except NotFound:
        return False
    except CouncilError:
        return False
    return False
