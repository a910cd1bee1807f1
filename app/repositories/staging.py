"""Fetches commits into a new git directory next to the mirror, checks them there, and only then adds them to the mirror."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from app.errors import Unavailable
from app.git.child import GitCommand, GitError, run_git
from app.git.fetching import FetchLimits, FetchScope, GitRemote, fetch
from app.git.private_directory import alternate_line
from app.repositories.mirror_place import MirrorPlace, size_of
from app.repositories.mirror_request import MirrorCommits

# Files above a million bytes are never read: app/git/tree.py.
SCOPE = FetchScope(depth=1, megabytes=1)
_CONFIG = """\
[core]
	repositoryFormatVersion = 0
	bare = true
	hooksPath = /dev/null
	logAllRefUpdates = false
[gc]
	auto = 0
[maintenance]
	auto = false
"""
# The commits that we report to the remote as present. More would only lengthen the request.
_MOST_HAVES = 20
# The index comes last: git ignores a pack without one.
_PACK_FILES = (".pack", ".promisor", ".rev", ".idx")


class BrokenFetch(Unavailable):
    """What arrived differs from what was requested."""


async def is_whole(place: MirrorPlace) -> bool:
    """Whether the commits that a mirror lists can be read.

    A fetch that finds one of them missing would fetch it, find it missing again, and so on forever.
    """
    shas = place.commits(_MOST_HAVES)
    given = "".join(f"{sha}^{{tree}}\n" for sha in shas).encode()
    try:
        out = await _read(place.folder, "cat-file", "--batch-check=%(objecttype)", given=given)
    except GitError:
        return False
    return out.split() == [b"tree"] * len(shas)


@dataclass(frozen=True)
class Staging:
    """A new git directory in `folder`. With `fresh` it does not use the mirror and will replace it."""

    place: MirrorPlace
    folder: Path
    fresh: bool

    def prepare(self) -> None:
        """Make it a git directory that sees the objects of the mirror, so that only new ones are fetched."""
        for name in ("objects/info", "objects/pack", "refs"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "HEAD").write_text("ref: refs/heads/none\n")
        write_config(self.folder)
        mirror = self.place.folder
        if not self.fresh:
            (self.folder / "objects/info/alternates").write_bytes(alternate_line((mirror / "objects").resolve()))
            rows = (f"{sha} refs/commits/{sha}\n" for sha in sorted(self.place.commits(_MOST_HAVES)))
            (self.folder / "packed-refs").write_text("".join(rows))
            if (mirror / "shallow").exists():
                shutil.copyfile(mirror / "shallow", self.folder / "shallow")

    async def fetch(self, remote: GitRemote, commits: MirrorCommits, limits: FetchLimits) -> None:
        """Fetch what the mirror lacks. Raises the errors of `fetch`, and BrokenFetch if objects are missing."""
        wanted = [sha for sha in commits.shas if self.fresh or not self.place.has(sha)]
        refs = [f"refs/pull/{commits.pull_number}/head" if sha == commits.head_sha and commits.pull_number else sha for sha in wanted]
        try:
            await fetch(remote, refs, self.folder, limits, SCOPE)
        except Unavailable as error:
            # The pull request's ref may be gone or hidden, but its head can still be there.
            if refs == wanted or "couldn't find remote ref" not in str(error):
                raise
            await fetch(remote, wanted, self.folder, limits, SCOPE)
        # Git recorded the remote there.
        write_config(self.folder)
        # The pull request may have a newer head by now.
        missing = [sha for sha in wanted if not await self._holds(sha)]
        if missing and refs != wanted:
            await fetch(remote, missing, self.folder, limits, SCOPE)
            write_config(self.folder)
        for sha in wanted:
            await self._check(sha)

    def install(self, commits: MirrorCommits) -> None:
        """Add it to the mirror, or replace the mirror with it."""
        mirror = self.place.folder
        if self.fresh:
            (self.folder / "packed-refs").unlink(missing_ok=True)
            self.place.remove()
            self.folder.rename(mirror)
        else:
            packs = [path for path in (self.folder / "objects/pack").iterdir() if path.suffix in _PACK_FILES]
            for path in sorted(packs, key=lambda path: _PACK_FILES.index(path.suffix)):
                path.replace(mirror / "objects/pack" / path.name)
            if (self.folder / "shallow").exists():
                (self.folder / "shallow").replace(mirror / "shallow")
            shutil.rmtree(self.folder)
        for sha in commits.shas:
            self.place.add_ref(sha)

    def size(self) -> int:
        """The bytes that arrived."""
        return size_of(self.folder)

    async def _holds(self, sha: str) -> bool:
        try:
            return await self._git("cat-file", "-t", sha) == b"commit\n"
        except GitError:
            return False

    async def _check(self, sha: str) -> None:
        """Whether the commit and all its trees are there. Too large files were left out."""
        if not await self._holds(sha):
            raise BrokenFetch(f"the fetch did not bring the commit {sha[:12]}")
        try:
            await self._git("ls-tree", "-r", "-t", "-z", "--name-only", "--full-tree", sha)
        except GitError as error:
            raise BrokenFetch(f"the fetch did not bring all of the commit {sha[:12]}: {error.words[:200]}") from None

    async def _git(self, *words: str) -> bytes:
        return await _read(self.folder, *words)


def write_config(folder: Path) -> None:
    """Replace the configuration that git wrote into a directory with ours."""
    (folder / "config").write_text(_CONFIG)


async def _read(folder: Path, *words: str, given: bytes = b"") -> bytes:
    environment = {"GIT_DIR": str(folder), "GIT_ALLOW_PROTOCOL": "", "GIT_NO_LAZY_FETCH": "1"}
    return await run_git(GitCommand(words, folder, environment, given))


async def git_version() -> str:
    """Git's own version. Raises UserError if there is no git."""
    words = await run_git(GitCommand(("version",), Path(os.path.sep), {"GIT_ALLOW_PROTOCOL": ""}))
    return words.decode().removeprefix("git version ").strip()
