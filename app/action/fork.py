"""Reviews pull requests of forks in two jobs: the first runs without secrets, and its end starts the second, which finds the pull request.

What the first job left is untrusted: only a patch is read, and only to compare it with GitHub's own diff.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.errors import CouncilError, UserError
from app.github.installation_client import GitHubModel, InstallationClient
from reviewers.context.whole_patch import changed_lines

_MOST_PATCH_BYTES = 4_000_000
_DIFF = "application/vnd.github.diff"
RECIPE = "docs/how-to/action.md, section “Pull requests of forks”"


class _Repo(GitHubModel):
    id: int = 0


class _End(GitHubModel):
    sha: str
    ref: str = ""
    repo: _Repo | None = None


class _Pull(GitHubModel):
    number: int
    head: _End


class _Owner(GitHubModel):
    login: str


class _HeadRepository(GitHubModel):
    id: int
    owner: _Owner


class FinishedRun(GitHubModel):
    """The finished run from the event. Its `pull_requests` is empty for forks."""

    event: str = ""
    head_sha: str
    head_branch: str | None = None
    head_repository: _HeadRepository | None = None


@dataclass(frozen=True)
class ForkPull:
    """An open pull request with the run's head."""

    number: int
    head_sha: str


def read_run(payload: Mapping[str, Any]) -> FinishedRun | None:
    """The run of the event. None if there is none, or it names no branch."""
    try:
        run = FinishedRun.model_validate(payload.get("workflow_run"))
    except ValueError:
        return None
    return run if run.head_branch and run.head_repository is not None else None


def read_fork_run(payload: Mapping[str, Any]) -> FinishedRun | None:
    """The run of a fork's pull request that the event is about. None for any other."""
    run, repository = read_run(payload), payload.get("repository")
    own = repository.get("id") if isinstance(repository, dict) else None
    is_fork = run is not None and run.head_repository is not None and run.head_repository.id != own
    return run if is_fork and run is not None and run.event in {"pull_request", "pull_request_target"} else None


async def find_pulls(github: InstallationClient, full_name: str, run: FinishedRun) -> tuple[ForkPull, ...]:
    """The open pull requests whose head is the run's commit in its repository. Empty if the branch has moved on."""
    if run.head_repository is None:
        return ()
    label = f"{run.head_repository.owner.login}:{run.head_branch}"
    pulls = await github.pages(f"/repos/{full_name}/pulls", _Pull, 100, {"state": "open", "head": label})
    of_run = [pull for pull in pulls if pull.head.sha == run.head_sha and pull.head.repo and pull.head.repo.id == run.head_repository.id]
    return tuple(ForkPull(pull.number, pull.head.sha) for pull in of_run)


async def find_mismatch(github: InstallationClient, full_name: str, pull: ForkPull, patch: Path) -> str:
    """Why a patch differs from GitHub's change of the pull request, in a clause. "" if it does not."""
    try:
        given = read_patch(patch)
        shown = await github.text(f"/repos/{full_name}/pulls/{pull.number}", _DIFF)
    except UserError as error:
        return str(error)
    except CouncilError as error:
        return f"GitHub did not send the diff of #{pull.number} for comparison ({error})"
    lines, theirs = changed_lines(given), changed_lines(shown)
    if lines is None:
        return "the patch of the first job cannot be read"
    return "" if lines == theirs else f"the patch of the first job differs from the change that GitHub shows for #{pull.number}"


def read_patch(path: Path) -> str:
    """The text of a patch. Raises UserError if it is not a regular file, or too large."""
    if path.is_symlink() or not path.is_file():
        raise UserError("the first job uploaded no patch")
    if path.stat().st_size > _MOST_PATCH_BYTES:
        raise UserError(f"the patch of the first job is larger than {_MOST_PATCH_BYTES // 1_000_000} MB")
    return path.read_text("utf-8", "replace")
