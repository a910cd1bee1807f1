"""Reads the checks of a commit: check runs, and the commit statuses of older CI."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.installation_client import GitHubModel, InstallationClient

ACTIONS = "github-actions"
MOST = 300
_FAILED = frozenset({"failure", "timed_out", "startup_failure"})
_FAILED_STATUS = frozenset({"failure", "error"})


class CheckApp(GitHubModel):
    id: int = 0
    slug: str = ""


class Output(GitHubModel):
    title: str | None = None
    summary: str | None = None
    text: str | None = None
    annotations_count: int = 0


class CheckState(GitHubModel):
    """A check run. The id of one from Actions is the id of its job."""

    id: int
    name: str
    status: str = "completed"
    conclusion: str | None = None
    html_url: str | None = None
    details_url: str | None = None
    app: CheckApp | None = None
    output: Output = Output()

    @property
    def app_id(self) -> int:
        return self.app.id if self.app else 0

    @property
    def failed(self) -> bool:
        return self.conclusion in _FAILED

    @property
    def of_actions(self) -> bool:
        return self.app is not None and self.app.slug == ACTIONS

    @property
    def job(self) -> int:
        """The job. An Actions job has the id of its check run, and the details link has it too."""
        found = re.search(r"/job/(\d+)", urlsplit(self.details_url or "").path)
        return int(found[1]) if found else self.id

    @property
    def run(self) -> int:
        """The workflow run, which only the details link has. 0 if it does not."""
        found = re.search(r"/actions/runs/(\d+)", urlsplit(self.details_url or "").path)
        return int(found[1]) if found else 0


class CommitStatus(GitHubModel):
    """A commit status."""

    context: str
    state: str
    description: str | None = None
    target_url: str | None = None

    @property
    def failed(self) -> bool:
        return self.state in _FAILED_STATUS


class _Statuses(GitHubModel):
    statuses: tuple[CommitStatus, ...] = ()


@dataclass(frozen=True)
class CIState:
    """The state of CI for a commit: its check runs and its statuses."""

    checks: tuple[CheckState, ...] = ()
    statuses: tuple[CommitStatus, ...] = ()


async def read_ci_state(github: InstallationClient, full_name: str, sha: str) -> CIState:
    """The latest result of every check on a commit, in two reads."""
    return CIState(*await asyncio.gather(checks_of(github, full_name, sha), statuses_of(github, full_name, sha)))


async def checks_of(github: InstallationClient, full_name: str, ref: str) -> tuple[CheckState, ...]:
    """The newest check runs of a commit or branch, one read per hundred."""
    path = f"/repos/{full_name}/commits/{quote(ref, safe='')}/check-runs"
    return await github.pages(path, CheckState, MOST, {"filter": "latest"}, key="check_runs")


async def statuses_of(github: InstallationClient, full_name: str, ref: str) -> tuple[CommitStatus, ...]:
    """The newest status of each context, in one read. Empty if we may not read them."""
    try:
        return (await github.get(f"/repos/{full_name}/commits/{quote(ref, safe='')}/status", _Statuses, {"per_page": 100})).statuses
    except (NotFound, GitHubRejected, Unavailable):
        return ()


def failed_checks(checks: Iterable[CheckState], own_app_id: int) -> tuple[CheckState, ...]:
    """The failed checks without our own, oldest first."""
    return tuple(sorted((check for check in checks if check.failed and check.app_id != own_app_id), key=lambda one: one.id))
