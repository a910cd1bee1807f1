"""Builds the directory that git is run in: a bare one of ours, whose alternate is the repository's object folder.

Refs are linked and HEAD is copied, so that names can be resolved. Nothing that could run a program or change what is read (config, hooks,
attributes, grafts, replace refs, promisor remotes) is copied.
"""

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.git.child import GitCommand, GitError, run_git
from app.git.location import RepositoryLocation, read_small

_FORMATS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256}
_REF_STORES = ("files", "reftable")
_CONFIG = """\
[core]
	repositoryFormatVersion = 1
	bare = true
	attributesFile = /dev/null
	hooksPath = /dev/null
	quotePath = false
	fsmonitor = false
	logAllRefUpdates = false
[extensions]
	objectFormat = {objects}
[gc]
	auto = 0
[maintenance]
	auto = false
"""
_REFTABLE = "[extensions]\n\trefStorage = reftable\n"


@dataclass(frozen=True)
class PrivateDirectory:
    """A bare directory of ours. `partial` is whether the repository left objects at its remote; `empty_tree` is the id of an empty tree."""

    path: Path
    empty_tree: str
    partial: bool

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment for a git that reads here: no protocol, no lazy fetch, and no attributes from a tree."""
        return {
            "GIT_DIR": str(self.path),
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ATTR_SOURCE": self.empty_tree,
        }


@contextlib.asynccontextmanager
async def open_private_directory(location: RepositoryLocation) -> AsyncIterator[PrivateDirectory]:
    """Build it, and remove it when the block ends, in any way."""
    with tempfile.TemporaryDirectory(prefix="council-git-", ignore_cleanup_errors=True) as folder:
        path = Path(folder)
        extensions = await _extensions(location, path)
        objects, refs = extensions.get("objectformat", "sha1"), extensions.get("refstorage", "files").partition(":")[0]
        if objects not in _FORMATS or refs not in _REF_STORES:
            raise UserError(f"{location.common} is in a format that Council does not support ({objects}, {refs})")
        if refs == "reftable" and location.own != location.common:
            raise UserError(f"{location.own} is a linked worktree with reftable refs; set --repo to the main worktree")
        (path / "config").write_text(_CONFIG.format(objects=objects) + (_REFTABLE if refs == "reftable" else ""))
        try:
            _link(location, path)
        except OSError as error:
            raise UserError(f"{error.filename or location.common} cannot be read: {error.strerror}") from None
        empty_tree = _FORMATS[objects](b"tree 0\0", usedforsecurity=False).hexdigest()
        # What a promisor remote sent is marked so, whichever key of the config names that remote.
        partial = any((location.common / "objects" / "pack").glob("*.promisor"))
        yield PrivateDirectory(path, empty_tree, partial)


async def _extensions(location: RepositoryLocation, folder: Path) -> dict[str, str]:
    """The repository's format, parsed by git itself from a text: without a repository, and without includes."""
    words = ("config", "--file", "-", "--no-includes", "--get-regexp", r"^extensions\.")
    given = read_small(location.common / "config").encode("utf-8", "surrogateescape") + b"\n"
    try:
        out = await run_git(GitCommand(words, folder, {"GIT_DIR": str(folder), "GIT_ALLOW_PROTOCOL": ""}, given))
    except GitError as error:
        if error.words:
            raise UserError(f"{location.common / 'config'} is broken: {error.words}") from None
        return {}
    rows = (row.partition(" ") for row in out.decode("utf-8", "replace").splitlines())
    return {name.removeprefix("extensions."): value.lower() for name, _, value in rows}


def _link(location: RepositoryLocation, path: Path) -> None:
    (path / "objects" / "info").mkdir(parents=True)
    (path / "objects" / "pack").mkdir()
    (path / "objects" / "info" / "alternates").write_bytes(alternate_line(location.common / "objects"))
    (path / "HEAD").write_text(_head(location.own), encoding="utf-8", errors="surrogateescape")
    for file in location.own.glob("*_HEAD"):
        (path / file.name).write_text(read_small(file), encoding="utf-8", errors="surrogateescape")
    if location.shallow:
        shutil.copyfile(location.common / "shallow", path / "shallow")
    if (location.common / "packed-refs").exists():
        (path / "packed-refs").symlink_to(location.common / "packed-refs")
    if (location.common / "reftable").is_dir():
        (path / "reftable").symlink_to(location.common / "reftable")
    # Those of a linked worktree come first, because its refs/bisect and refs/worktree are its own.
    _link_each(path / "refs", location.own / "refs", location.common / "refs")
    _link_each(path / "logs", location.own / "logs", location.common / "logs")


def _link_each(into: Path, *folders: Path) -> None:
    into.mkdir()
    for folder in folders:
        for entry in os.scandir(folder) if folder.is_dir() else ():
            link = into / entry.name
            if entry.name != "replace" and not link.is_symlink():
                link.symlink_to(folder / entry.name)


def _head(own: Path) -> str:
    file = own / "HEAD"
    return f"ref: {file.readlink()}\n" if file.is_symlink() and not file.exists() else read_small(file)


def alternate_line(objects: Path) -> bytes:
    """The line that names a folder, quoted as git reads it: https://git-scm.com/docs/gitrepository-layout."""
    raw = os.fsencode(objects)
    escaped = raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n")
    return b'"' + escaped + b'"\n'
