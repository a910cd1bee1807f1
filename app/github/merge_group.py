"""Finds the pull requests of a merge group, from the commits between its ends and from the merge queue."""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from pydantic import Field

from app.errors import GitHubRejected, Unavailable
from app.github.installation_client import GitHubModel, InstallationClient

MOST_COMMITS = 1_000
# https://docs.github.com/en/graphql/reference/objects#mergequeueentry
_QUEUE = """
query($owner: String!, $name: String!, $branch: String!) {
  repository(owner: $owner, name: $name) {
    mergeQueue(branch: $branch) {
      entries(first: 100) { nodes { position headCommit { oid } pullRequest { number } } }
    }
  }
}
"""
# gh-readonly-queue/main/pr-12-<SHA>: the last pull request of the group.
_LAST = re.compile(r"/pr-(\d{1,9})-[0-9a-f]+$")
_MERGED = re.compile(r"^Merge pull request #(\d{1,9}) from ")
_SQUASHED = re.compile(r"\(#(\d{1,9})\)$")


@dataclass(frozen=True)
class MergeGroupEnds:
    """A group's parent and head commits, the branch of its head, and its base branch."""

    base_sha: str
    head_sha: str
    head_ref: str
    base_ref: str


@dataclass(frozen=True)
class Members:
    """The pull requests of a group by number. `heads` are commits that may be heads of more. `whole` if there can be no other."""

    numbers: tuple[int, ...]
    heads: tuple[str, ...] = ()
    whole: bool = True


class _Oid(GitHubModel):
    oid: str


class _Number(GitHubModel):
    number: int


class _Entry(GitHubModel):
    position: int = 0
    head: _Oid | None = Field(default=None, alias="headCommit")
    pull: _Number | None = Field(default=None, alias="pullRequest")


class _Entries(GitHubModel):
    nodes: tuple[_Entry | None, ...] = ()


class _MergeQueue(GitHubModel):
    entries: _Entries = _Entries()


class _Repository(GitHubModel):
    queue: _MergeQueue | None = Field(default=None, alias="mergeQueue")


class _Answer(GitHubModel):
    repository: _Repository | None = None


class _Parent(GitHubModel):
    sha: str


class _Message(GitHubModel):
    message: str = ""


class _Commit(GitHubModel):
    sha: str
    commit: _Message = _Message()
    parents: tuple[_Parent, ...] = ()


async def members_of(github: InstallationClient, full_name: str, group: MergeGroupEnds) -> Members:
    """The members of a group: two reads, and one per further hundred commits. An unreadable queue adds nothing."""
    path = f"/repos/{full_name}/compare/{quote(group.base_sha)}...{quote(group.head_sha)}"
    commits, entries = await asyncio.gather(
        github.pages(path, _Commit, MOST_COMMITS, key="commits"), _entries(github, full_name, group.base_ref)
    )
    found = _by_commits(commits, group)
    shas = {commit.sha for commit in commits} | {group.head_sha}
    last = next((entry for entry in entries if entry.head is not None and entry.head.oid == group.head_sha), None)
    # An entry of the queue whose commit is between the ends is in the group.
    queued = [entry.pull.number for entry in entries if entry.pull and entry.head and entry.head.oid in shas]
    nameless = [entry for entry in entries if last is not None and entry.position <= last.position and not (entry.head and entry.pull)]
    whole = found.whole or (last is not None and not nameless)
    return Members(tuple(dict.fromkeys((*queued, *found.numbers))), tuple(shas), whole)


async def _entries(github: InstallationClient, full_name: str, base_ref: str) -> tuple[_Entry, ...]:
    owner, _, name = full_name.partition("/")
    variables = {"owner": owner, "name": name, "branch": base_ref.removeprefix("refs/heads/")}
    try:
        answer = await github.graphql(_QUEUE, variables, _Answer)
    except (GitHubRejected, Unavailable):
        return ()
    repository = answer.data.repository
    # A partial queue may hide a pull request.
    queue = repository.queue if repository is not None and not answer.problems else None
    return tuple(entry for entry in queue.entries.nodes if entry is not None) if queue else ()


def _by_commits(commits: Sequence[_Commit], group: MergeGroupEnds) -> Members:
    """The members that merge or squash commits name. A commit without a name may belong to any pull request."""
    known: Mapping[str, _Commit] = {commit.sha: commit for commit in commits}
    last = _LAST.search(group.head_ref)
    numbers = [int(last[1])] if last else []
    whole, at, steps = True, group.head_sha, 0
    while at != group.base_sha and at in known and steps < MOST_COMMITS:
        commit, steps = known[at], steps + 1
        subject = commit.commit.message.partition("\n")[0].strip()
        found = _MERGED.search(subject) or _SQUASHED.search(subject)
        if found:
            numbers.append(int(found[1]))
        whole &= bool(found) or (steps == 1 and last is not None)
        at = commit.parents[0].sha if commit.parents else group.base_sha
    return Members(tuple(dict.fromkeys(numbers)), tuple(known), whole and at == group.base_sha)
