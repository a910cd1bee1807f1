"""Writes the sandbox's commits into bare repositories that git serves. Nothing is written before somebody fetches."""

import asyncio
import hashlib
import struct
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from app.git.child import GitCommand, run_git
from app.sandbox.github.git import GitObject, objects_of
from app.sandbox.github.repository import SandboxRepository

# As GitHub serves: any commit of the network by its id, and partial clones.
_CONFIG = """\
[core]
	repositoryFormatVersion = 0
	bare = true
[uploadpack]
	allowFilter = true
	allowAnySHA1InWant = true
[gc]
	auto = 0
"""
# https://git-scm.com/docs/gitformat-pack#_pack_files_have_the_following_format
_TYPES = {"commit": 1, "tree": 2, "blob": 3}


class BareRepositories:
    """A bare repository for each of the sandbox's, updated when it is opened."""

    def __init__(self) -> None:
        self._root: tempfile.TemporaryDirectory[str] | None = None
        self._commits: dict[int, set[str]] = defaultdict(set)
        self._objects: dict[int, set[str]] = defaultdict(set)
        self._locks: dict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def open(self, repository: SandboxRepository) -> Path:
        """The folder, with every current commit and ref of the repository. Raises UserError without git."""
        async with self._locks[repository.id]:
            if self._root is None:
                self._root = tempfile.TemporaryDirectory(prefix="council-sandbox-git-", ignore_cleanup_errors=True)
            folder = Path(self._root.name) / f"{repository.id}.git"
            if not folder.exists():
                (folder / "objects").mkdir(parents=True)
                (folder / "refs").mkdir()
                (folder / "config").write_text(_CONFIG)
            _replace(folder / "HEAD", f"ref: refs/heads/{repository.default_branch}\n")
            new = [sha for sha in repository.commits if sha not in self._commits[repository.id]]
            if new:
                pack = await asyncio.to_thread(self._pack, repository, new)
                await run_git(GitCommand(("index-pack", "--stdin"), folder, {"GIT_DIR": str(folder)}, pack))
                self._commits[repository.id].update(new)
            _replace(folder / "packed-refs", "".join(f"{sha} {ref}\n" for ref, sha in sorted(_refs(repository).items())))
            return folder

    def close(self) -> None:
        """Remove them all."""
        if self._root is not None:
            self._root.cleanup()

    def _pack(self, repository: SandboxRepository, shas: Sequence[str]) -> bytes:
        """The objects of these commits that were not written yet."""
        stored, new = self._objects[repository.id], {}
        for sha in shas:
            for entry in objects_of(repository.commits[sha]):
                if (oid := entry.sha) not in stored:
                    new[oid] = entry
        stored.update(new)
        return pack_of(list(new.values()))


def pack_of(objects: Sequence[GitObject]) -> bytes:
    """These objects as a pack."""
    pack = bytearray(b"PACK" + struct.pack(">II", 2, len(objects)))
    for entry in objects:
        pack += entry_header(entry) + zlib.compress(entry.content, 1)
    return bytes(pack + hashlib.sha1(pack, usedforsecurity=False).digest())


def entry_header(entry: GitObject, size: int | None = None) -> bytes:
    """The type and the size of an object at the start of its pack entry. Another size makes the entry invalid."""
    size = len(entry.content) if size is None else size
    first, size = _TYPES[entry.kind] << 4 | size & 15, size >> 4
    header = bytearray()
    while size:
        header.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    header.append(first)
    return bytes(header)


def _refs(repository: SandboxRepository) -> dict[str, str]:
    heads = {f"refs/heads/{name}": sha for name, sha in repository.branches.items()}
    return heads | {f"refs/pull/{number}/head": pull.head_sha for number, pull in repository.pulls.items()}


def _replace(path: Path, text: str) -> None:
    other = path.with_suffix(".new")
    other.write_text(text)
    other.replace(path)
