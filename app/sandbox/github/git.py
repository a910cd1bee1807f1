"""Commits and file trees, hashed like git's."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Files = Mapping[str, bytes]


def as_files(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """File contents as bytes. Text is encoded as UTF-8."""
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


@dataclass(frozen=True)
class GitObject:
    """A blob, a tree or a commit as git stores it."""

    kind: str
    content: bytes = field(repr=False)

    @property
    def sha(self) -> str:
        """Its id in git."""
        header = b"%s %d\0" % (self.kind.encode(), len(self.content))
        return hashlib.sha1(header + self.content, usedforsecurity=False).hexdigest()


def blob_sha(content: bytes) -> str:
    """Git's id of this content."""
    return GitObject("blob", content).sha


@dataclass(frozen=True)
class GitTreeEntry:
    """One line of a tree: a file or a folder."""

    path: str
    kind: str
    sha: str
    size: int | None = None


def tree_entries(files: Files, folder: str = "") -> list[GitTreeEntry]:
    """The entries directly in a folder, sorted as git sorts them."""
    prefix = f"{folder}/" if folder else ""
    children: dict[str, dict[str, bytes]] = {}
    git_tree_entries: list[GitTreeEntry] = []
    for path, content in files.items():
        if not path.startswith(prefix):
            continue
        name, _, rest = path[len(prefix) :].partition("/")
        if rest:
            children.setdefault(name, {})[rest] = content
        else:
            git_tree_entries.append(GitTreeEntry(prefix + name, "blob", blob_sha(content), len(content)))
    git_tree_entries += [GitTreeEntry(prefix + name, "tree", tree_sha(inner)) for name, inner in children.items()]
    return sorted(git_tree_entries, key=lambda entry: entry.path + ("/" if entry.kind == "tree" else ""))


def _tree(files: Files) -> GitObject:
    lines = (
        (b"100644 " if entry.kind == "blob" else b"40000 ") + entry.path.encode() + b"\0" + bytes.fromhex(entry.sha)
        for entry in tree_entries(files)
    )
    return GitObject("tree", b"".join(lines))


def tree_sha(files: Files) -> str:
    """Git's id of a tree with these files."""
    return _tree(files).sha


@dataclass(frozen=True)
class GitCommit:
    """A commit with its whole tree."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    files: Files = field(repr=False)
    message: str
    author: str
    at: datetime


def _commit_object(tree: str, parents: tuple[str, ...], message: str, author: str, at: datetime) -> GitObject:
    who = f"{author} <{author}@users.noreply.github.com> {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {sha}" for sha in parents), f"author {who}", f"committer {who}", "", message, ""]
    return GitObject("commit", "\n".join(lines).encode())


def make_commit(files: Files, parents: Iterable[str], message: str, author: str, at: datetime) -> GitCommit:
    """A commit whose id depends on all its contents."""
    above = tuple(parents)
    tree = tree_sha(files)
    return GitCommit(_commit_object(tree, above, message, author, at).sha, tree, above, dict(files), message, author, at)


def objects_of(commit: GitCommit) -> Iterator[GitObject]:
    """Everything that git stores of a commit: its blobs, its trees from the leaves up, and itself."""
    waiting, trees = [commit.files], []
    while waiting:
        files = waiting.pop()
        trees.append(_tree(files))
        inner: dict[str, dict[str, bytes]] = {}
        for path, content in files.items():
            name, _, rest = path.partition("/")
            if rest:
                inner.setdefault(name, {})[rest] = content
            else:
                yield GitObject("blob", content)
        waiting += inner.values()
    yield from reversed(trees)
    yield _commit_object(commit.tree, commit.parents, commit.message, commit.author, commit.at)


def ancestry(commits: Mapping[str, GitCommit], sha: str) -> list[GitCommit]:
    """A commit and everything before it, nearest first."""
    seen: dict[str, GitCommit] = {}
    waiting = [sha]
    while waiting:
        current = waiting.pop(0)
        if current not in seen and current in commits:
            seen[current] = commits[current]
            waiting += commits[current].parents
    return list(seen.values())


def merge_base(commits: Mapping[str, GitCommit], first: str, second: str) -> str | None:
    """The nearest common ancestor of two commits."""
    known = {commit.sha for commit in ancestry(commits, first)}
    return next((commit.sha for commit in ancestry(commits, second) if commit.sha in known), None)


def is_binary(content: bytes) -> bool:
    """Git's own guess: a NUL near the start."""
    return b"\0" in content[:8000]
