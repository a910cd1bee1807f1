"""Which pull requests are in a merge group: by its commits, and by the queue. None is missed because nobody names it."""

import pytest

from app.github.installation_client import InstallationClient
from app.github.merge_group import MergeGroupEnds, members_of
from app.sandbox.github import entities
from app.sandbox.github.repository import SandboxRepository
from tests.app.github.conftest import FULL_NAME


def group_of(made: entities.MergeGroup) -> MergeGroupEnds:
    return MergeGroupEnds(made.base_sha, made.head_sha, made.head_ref, made.base_ref)


def queued(repository: SandboxRepository, squash: bool, titles: tuple[str, ...] = ("One", "Two (#99)")) -> entities.MergeGroup:
    pulls = [repository.open_pull_request(title, {f"{at}.py": f"x = {at}\n"}, branch=f"b{at}") for at, title in enumerate(titles)]
    return repository.queue(*(pull.number for pull in pulls), squash=squash)


@pytest.mark.parametrize("squash", [True, False])
@pytest.mark.parametrize("readable", [True, False])
async def test_every_pull_request_of_a_group_is_found(
    github: InstallationClient, repository: SandboxRepository, squash: bool, readable: bool
) -> None:
    made = queued(repository, squash)
    if not readable:
        repository.merge_groups.clear()
    members = await members_of(github, FULL_NAME, group_of(made))
    assert set(members.numbers) == {1, 2} and members.whole
    assert squash or repository.pull(1).head_sha in members.heads


async def test_a_commit_without_a_pull_request_leaves_the_group_open(github: InstallationClient, repository: SandboxRepository) -> None:
    pull = repository.open_pull_request("One", {"a.py": "x = 1\n"})
    base = repository.branches["main"]
    first = repository.commit({**repository.commits[base].files, "b.py": b"y = 1\n"}, (base,), "A rebased commit", "ada")
    last = repository.commit({**first.files, "a.py": b"x = 1\n"}, (first.sha,), "Another", "ada")
    ref = f"refs/heads/gh-readonly-queue/main/pr-{pull.number}-{base}"
    group = MergeGroupEnds(base, last.sha, ref, "refs/heads/main")
    members = await members_of(github, FULL_NAME, group)
    assert members.numbers == (pull.number,) and not members.whole
    # The queue knows it: then it belongs to a pull request.
    other = repository.open_pull_request("Two", {"b.py": "y = 1\n"}, branch="other")
    steps = [(other.number, base, first.sha), (pull.number, first.sha, last.sha)]
    repository.merge_groups.append(entities.MergeGroup("refs/heads/main", base, ref, last.sha, steps))
    members = await members_of(github, FULL_NAME, group)
    assert set(members.numbers) == {pull.number, other.number} and members.whole
