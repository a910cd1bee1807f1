"""Commits and file trees, hashed as git hashes them."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

Files = Mapping[str, bytes]


def as_files(files: Mapping[str, str | bytes]) -> dict[str, bytes]:
    """File contents as bytes; text is encoded as UTF-8."""
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def _object_sha(kind: str, content: bytes) -> str:
    return hashlib.sha1(b"%s %d\0" % (kind.encode(), len(content)) + content, usedforsecurity=False).hexdigest()


def blob_sha(content: bytes) -> str:
    """The id git gives this content."""
    return _object_sha("blob", content)


@dataclass(frozen=True)
class TreeEntry:
    """One line of a tree: a file or a folder."""

    path: str
    kind: str
    sha: str
    size: int | None = None


def tree_entries(files: Files, folder: str = "") -> list[TreeEntry]:
    """The entries directly in a folder, sorted as git sorts them."""
    prefix = f"{folder}/" if folder else ""
    children: dict[str, dict[str, bytes]] = {}
    found: list[TreeEntry] = []
    for path, content in files.items():
        if not path.startswith(prefix):
            continue
        name, _, rest = path[len(prefix) :].partition("/")
        if rest:
            children.setdefault(name, {})[rest] = content
        else:
            found.append(TreeEntry(prefix + name, "blob", blob_sha(content), len(content)))
    found += [TreeEntry(prefix + name, "tree", tree_sha(inner)) for name, inner in children.items()]
    return sorted(found, key=lambda entry: entry.path + ("/" if entry.kind == "tree" else ""))


def tree_sha(files: Files) -> str:
    """The id git gives a tree with these files."""
    lines = (
        (b"100644 " if entry.kind == "blob" else b"40000 ") + entry.path.encode() + b"\0" + bytes.fromhex(entry.sha)
        for entry in tree_entries(files)
    )
    return _object_sha("tree", b"".join(lines))


@dataclass(frozen=True)
class Commit:
    """A commit with its whole tree at hand."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    files: Files = field(repr=False)
    message: str
    author: str
    at: datetime


def make_commit(files: Files, parents: Iterable[str], message: str, author: str, at: datetime) -> Commit:
    """A commit whose id depends on all it holds."""
    above = tuple(parents)
    tree = tree_sha(files)
    who = f"{author} <{author}@users.noreply.github.com> {int(at.timestamp())} +0000"
    lines = [f"tree {tree}", *(f"parent {sha}" for sha in above), f"author {who}", f"committer {who}", "", message, ""]
    return Commit(_object_sha("commit", "\n".join(lines).encode()), tree, above, dict(files), message, author, at)


def ancestry(commits: Mapping[str, Commit], sha: str) -> list[Commit]:
    """A commit and everything before it, nearest first."""
    seen: dict[str, Commit] = {}
    waiting = [sha]
    while waiting:
        current = waiting.pop(0)
        if current not in seen and current in commits:
            seen[current] = commits[current]
            waiting += commits[current].parents
    return list(seen.values())


def merge_base(commits: Mapping[str, Commit], first: str, second: str) -> str | None:
    """The nearest commit that both have."""
    known = {commit.sha for commit in ancestry(commits, first)}
    return next((commit.sha for commit in ancestry(commits, second) if commit.sha in known), None)


def is_binary(content: bytes) -> bool:
    """Git's own guess: a NUL near the start."""
    return b"\0" in content[:8000]
