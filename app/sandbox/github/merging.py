"""GitHub's merge queue: merges pull requests one after the other on a separate branch, whose head waits for checks."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.sandbox.github.entities import MergeGroup
from app.sandbox.github.refusal import unprocessable

if TYPE_CHECKING:
    from app.sandbox.github.repository import SandboxRepository


def queue(repository: "SandboxRepository", numbers: Sequence[int], *, squash: bool) -> MergeGroup:
    """Queue a group of these pull requests with a common base branch. Apps with `merge_queues: read` get the event."""
    pulls = [repository.pull(number) for number in numbers]
    if len({pull.base_ref for pull in pulls}) != 1 or any(pull.issue.state != "open" or pull.draft for pull in pulls):
        raise unprocessable("Pull request is not in a mergeable state")
    base_ref = pulls[0].base_ref
    base_sha = at = repository.branches[base_ref]
    steps = []
    for pull in pulls:
        tip, head = repository.commits[at], repository.commits[pull.head_sha]
        own = {path: data for path, data in head.files.items() if repository.commits[pull.base_sha].files.get(path) != data}
        title = f"{pull.issue.title} (#{pull.number})" if squash else f"Merge pull request #{pull.number} from {pull.head_ref}"
        parents = (at,) if squash else (at, head.sha)
        commit = repository.commit({**tip.files, **own}, parents, title, "github-merge-queue[bot]")
        steps.append((pull.number, at, commit.sha))
        at = commit.sha
    branch = f"gh-readonly-queue/{base_ref}/pr-{pulls[-1].number}-{base_sha}"
    repository.branches[branch] = at
    group = MergeGroup(f"refs/heads/{base_ref}", base_sha, f"refs/heads/{branch}", at, steps)
    repository.merge_groups.append(group)
    installation = repository.world.installation_of(repository)
    if installation is not None and installation.permissions.get("merge_queues"):
        repository.tell("merge_group", "checks_requested", repository.world.user("github-merge-queue[bot]"), merge_group=group)
    return group
