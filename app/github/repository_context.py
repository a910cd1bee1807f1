"""Reads a pull request's surroundings in the repository, in two reads: the tree at its head, and earlier changes of its files."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import Field

from app.errors import GitHubRejected, NotFound, Unavailable
from app.github.installation_client import GitHubModel, InstallationClient
from reviewers.context.snapshot import RecentChange

MOST_FILES, MOST_CHANGES = 8, 3
MOST_PATHS = 50_000


class _Entry(GitHubModel):
    path: str
    type: str = "blob"
    mode: str = ""


class _Tree(GitHubModel):
    tree: tuple[_Entry, ...] = ()
    truncated: bool = False


class _Node(GitHubModel):
    oid: str
    headline: str = Field(default="", alias="messageHeadline")
    date: str = Field(default="", alias="committedDate")


class _Nodes(GitHubModel):
    nodes: tuple[_Node, ...] = ()


class _Data(GitHubModel):
    repository: dict[str, dict[str, _Nodes | str] | None] | None = None


@dataclass(frozen=True)
class RepositoryContext:
    """The paths of the head's tree with their modes, and earlier changes of the touched files. Empty if they could not be read."""

    paths: tuple[str, ...] = ()
    partial: bool = False
    recent: tuple[RecentChange, ...] = ()
    modes: Mapping[str, str] = field(default_factory=dict)


async def read_repository_context(
    github: InstallationClient, full_name: str, head_sha: str, base_ref: str, touched: Sequence[str]
) -> RepositoryContext:
    """The surroundings of a change. A review can do without them, so no failure ends it."""
    tree, recent = await asyncio.gather(
        _tree(github, full_name, head_sha), recent_changes(github, full_name, f"refs/heads/{base_ref}", touched[:MOST_FILES])
    )
    paths = tuple(entry.path for entry in tree.tree if entry.type == "blob")
    modes = {entry.path: entry.mode for entry in tree.tree}
    return RepositoryContext(paths[:MOST_PATHS], tree.truncated or len(paths) > MOST_PATHS, recent, modes)


async def _tree(github: InstallationClient, full_name: str, head_sha: str) -> _Tree:
    try:
        return await github.get(f"/repos/{full_name}/git/trees/{head_sha}", _Tree, {"recursive": "1"})
    except (NotFound, GitHubRejected, Unavailable):
        return _Tree()


async def recent_changes(github: InstallationClient, full_name: str, ref: str, touched: Sequence[str]) -> tuple[RecentChange, ...]:
    """The newest changes of some files up to a commit or branch. Empty if they cannot be read."""
    if not touched:
        return ()
    owner, _, name = full_name.partition("/")
    aliases = {f"h{index}": path for index, path in enumerate(touched)}
    declared = "".join(f", ${alias}: String!" for alias in aliases)
    fields = " ".join(f"{alias}: history(first: {MOST_CHANGES}, path: ${alias}) {{ nodes {{ ...change }} }}" for alias in aliases)
    query = (
        f"query($owner: String!, $name: String!, $base: String!{declared}) {{ repository(owner: $owner, name: $name) "
        f"{{ base: object(expression: $base) {{ ... on Commit {{ {fields} }} }} }} }} "
        "fragment change on Commit { oid messageHeadline committedDate }"
    )
    variables = {"owner": owner, "name": name, "base": ref, **aliases}
    try:
        data = (await github.graphql(query, variables, _Data)).data
    except (NotFound, GitHubRejected, Unavailable):
        return ()
    found = (data.repository or {}).get("base") or {}
    return tuple(
        RecentChange(path=path, sha=node.oid, date=node.date[:10], subject=node.headline)
        for alias, path in aliases.items()
        if isinstance(each := found.get(alias), _Nodes)
        for node in each.nodes
    )
