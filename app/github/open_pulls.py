"""Lists every open pull request of an installation with its head, in few reads, to recover deliveries that were never sent."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from pydantic import Field

from app.github.installation_client import GitHubModel, InstallationClient

log = structlog.get_logger(__name__)

_A_QUERY = 20
_MOST_REPOSITORIES = 2_000
_PULLS = """
  nameWithOwner
  pullRequests(states: OPEN, first: 50, orderBy: {field: UPDATED_AT, direction: DESC}) {
    nodes { number createdAt updatedAt headRefOid commits(last: 1) { nodes { commit { committedDate } } } }
  }
"""


class InstalledRepository(GitHubModel):
    """A repository that an installation includes."""

    id: int
    full_name: str
    archived: bool = False
    disabled: bool = False


class _Commit(GitHubModel):
    committed: datetime = Field(alias="committedDate")


class _CommitNode(GitHubModel):
    commit: _Commit


class _Commits(GitHubModel):
    nodes: tuple[_CommitNode | None, ...] = ()


class _Pull(GitHubModel):
    number: int
    created: datetime = Field(alias="createdAt")
    updated: datetime = Field(alias="updatedAt")
    head_sha: str = Field(alias="headRefOid")
    commits: _Commits = _Commits()

    @property
    def changed_at(self) -> float:
        """When it was opened, or its newest commit was made. GitHub has no time of the push itself."""
        commits = [node.commit.committed for node in self.commits.nodes if node is not None]
        return max(self.created, *commits).timestamp()


class _Pulls(GitHubModel):
    nodes: tuple[_Pull | None, ...] = ()


class _Repository(GitHubModel):
    pulls: _Pulls = Field(default=_Pulls(), alias="pullRequests")


@dataclass(frozen=True)
class OpenPull:
    """An open pull request. Drafts are included, so that their check says that they are one.

    Times are seconds since the epoch: `changed_at` of its newest commit, `updated_at` of any change, such as a label or a comment.
    """

    repository: InstalledRepository
    number: int
    head_sha: str
    changed_at: float
    updated_at: float


async def repositories(github: InstallationClient) -> tuple[InstalledRepository, ...]:
    """The repositories that the installation includes and that can still change."""
    found = await github.pages("/installation/repositories", InstalledRepository, _MOST_REPOSITORIES, key="repositories")
    return tuple(repository for repository in found if not repository.archived and not repository.disabled)


async def open_pulls(github: InstallationClient, among: Sequence[InstalledRepository]) -> tuple[OpenPull, ...]:
    """The 50 last changed open pull requests of each repository, twenty repositories per read."""
    pulls: list[OpenPull] = []
    for batch in _batches(among):
        query, variables = _query(batch)
        answer = await github.graphql(query, variables, _Answer)
        for problem in answer.problems:
            # The next sweep tries again.
            log.warning("could not read the open pull requests of a repository", error=problem.message, path=problem.path)
        pulls += [
            OpenPull(repository, pull.number, pull.head_sha, pull.changed_at, pull.updated.timestamp())
            for index, repository in enumerate(batch)
            for pull in _pulls(answer.data, f"r{index}")
        ]
    return tuple(pulls)


class _Answer(GitHubModel, extra="allow"):
    """Aliases r0, r1, …; one that failed is null."""

    __pydantic_extra__: dict[str, _Repository | None]


def _pulls(answer: _Answer, alias: str) -> Iterable[_Pull]:
    repository = answer.__pydantic_extra__.get(alias)
    return () if repository is None else (pull for pull in repository.pulls.nodes if pull is not None)


def _query(batch: Sequence[InstalledRepository]) -> tuple[str, dict[str, str | int]]:
    names = {f"{part}{index}": name for index, each in enumerate(batch) for part, name in zip("on", each.full_name.split("/"), strict=True)}
    declared = ", ".join(f"${name}: String!" for name in names)
    bodies = "\n".join(f"r{index}: repository(owner: $o{index}, name: $n{index}) {{{_PULLS}}}" for index in range(len(batch)))
    return f"query({declared}) {{\n{bodies}\n}}", dict(names)


def _batches(among: Sequence[InstalledRepository]) -> Iterator[Sequence[InstalledRepository]]:
    return (among[start : start + _A_QUERY] for start in range(0, len(among), _A_QUERY))
