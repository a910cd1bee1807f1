"""Reads the files of a commit: names first, then contents by id, so that a missing object is never mistaken for a missing file."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.errors import UserError
from app.git.reader import Reader

LARGEST = 1_000_000
_BINARY_PREFIX = 8_000


@dataclass(frozen=True)
class CommitFile:
    """One file of a commit. `raw` is its path as git stores it, which may not be UTF-8."""

    mode: str
    oid: str
    raw: bytes

    @property
    def is_file(self) -> bool:
        """Whether it has content here. A submodule's commit is elsewhere."""
        return self.mode != "160000"


class Tree:
    """The files of one commit by their paths. Invalid UTF-8 reads as U+FFFD."""

    def __init__(self, reader: Reader, entries: Mapping[str, CommitFile]) -> None:
        self._reader = reader
        self.entries = entries

    async def blobs(self, paths: Sequence[str], largest: int = LARGEST) -> dict[str, bytes]:
        """The contents of the paths that exist and have at most `largest` bytes. Raises UserError if an object is missing."""
        wanted = {path: self.entries[path].oid for path in paths if path in self.entries and self.entries[path].is_file}
        if not wanted:
            return {}
        sizes = await self._sizes(wanted)
        small = [oid for oid, size in sizes.items() if size <= largest]
        contents = _split(await self._reader.run(("cat-file", "--batch"), _lines(small))) if small else {}
        return {path: contents[oid] for path, oid in wanted.items() if oid in contents}

    async def texts(self, paths: Sequence[str]) -> dict[str, str]:
        """The same as text, without binary files."""
        blobs = await self.blobs(paths)
        return {path: blob.decode("utf-8", "replace") for path, blob in blobs.items() if b"\0" not in blob[:_BINARY_PREFIX]}

    async def _sizes(self, wanted: Mapping[str, str]) -> dict[str, int]:
        oids = list(dict.fromkeys(wanted.values()))
        out = await self._reader.run(("cat-file", "--batch-check=%(objecttype) %(objectsize)"), _lines(oids))
        sizes = {}
        for oid, row in zip(oids, out.decode().splitlines(), strict=True):
            if not row.startswith("blob "):
                path = next(path for path, each in wanted.items() if each == oid)
                raise UserError(self._reader.explain(f"the content of {path} ({oid[:12]}) is missing in {self._reader.folder}"))
            sizes[oid] = int(row.split(" ")[1])
        return sizes


async def read_tree(reader: Reader, commit: str) -> Tree:
    """The names of a commit's files."""
    out = await reader.run(("ls-tree", "-r", "-z", "--full-tree", commit))
    return Tree(reader, await asyncio.to_thread(_entries, out))


def _entries(out: bytes) -> dict[str, CommitFile]:
    entries = {}
    for row in out.split(b"\0")[:-1]:
        facts, _, raw = row.partition(b"\t")
        mode, _, oid = facts.decode().split(" ")
        entries[raw.decode("utf-8", "replace")] = CommitFile(mode, oid, raw)
    return entries


def _lines(oids: Sequence[str]) -> bytes:
    return "".join(f"{oid}\n" for oid in oids).encode()


def _split(raw: bytes) -> dict[str, bytes]:
    """The output of `git cat-file --batch`: https://git-scm.com/docs/git-cat-file#_batch_output."""
    contents, at = {}, 0
    while at < len(raw):
        end = raw.index(b"\n", at)
        oid, _, size = raw[at:end].decode().split(" ")
        at = end + 1
        contents[oid] = raw[at : at + int(size)]
        at += int(size) + 1
    return contents
