"""Runs git on a repository's objects, in the private directory, and explains missing objects."""

import contextlib
import os
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError
from app.git.child import Bounds, GitCommand, GitError, run_git
from app.git.location import RepositoryLocation, locate
from app.git.private_directory import PrivateDirectory, open_private_directory

# Git's messages about a missing object. LANG is set by us, so they are in English.
_MISSING = re.compile(r"unable to read|bad (?:object|tree)|missing (?:blob|tree|commit)|(?:could not|cannot) (?:get|read)", re.I)


@dataclass(frozen=True)
class Reader:
    """A repository opened for reading. `folder` is how the user named it."""

    folder: Path
    location: RepositoryLocation
    directory: PrivateDirectory

    async def run(self, words: Sequence[str | bytes], given: bytes = b"", bounds: Bounds | None = None) -> bytes:
        """Git's output. Raises UserError if an object is missing, GitError for any other failure."""
        try:
            return await run_git(GitCommand(words, self.directory.path, self.directory.environment, given), bounds)
        except GitError as error:
            if _MISSING.search(error.words):
                reason = error.words.splitlines()[-1].removeprefix("fatal: ").removeprefix("error: ")
                raise UserError(self.explain(f"{self.folder} lacks an object: {reason}")) from None
            raise

    def explain(self, problem: str) -> str:
        """A problem, and what to do if the clone is partial or shallow."""
        if self.directory.partial:
            return f"{problem}. It is a partial clone, and Council fetches nothing: run `git fetch --refetch --no-filter` there first"
        if self.location.shallow:
            return f"{problem}. It is a shallow clone: run `git fetch --unshallow` there first"
        return problem


@contextlib.asynccontextmanager
async def open_reader(folder: Path) -> AsyncIterator[Reader]:
    """Open the repository of a folder. Raises UserError if there is none, or it belongs to another user."""
    location = locate(folder)
    async with open_private_directory(location) as directory:
        if not _owned(location):
            await _require_safe(location, directory)
        yield Reader(folder, location, directory)


def _owned(location: RepositoryLocation) -> bool:
    places = [path for path in (location.root, location.gate, location.own) if path is not None]
    return all(path.stat().st_uid == os.geteuid() for path in places)


async def _require_safe(location: RepositoryLocation, directory: PrivateDirectory) -> None:
    """Git's own rule for a repository of another user: https://git-scm.com/docs/git-config#Documentation/git-config.txt-safedirectory.

    The user's own config is read, and only here.
    """
    place = str(location.root or location.own)
    words = ("config", "--type=path", "--get-all", "safe.directory")
    try:
        command = GitCommand(words, directory.path, directory.environment, user_config=True)
        listed = (await run_git(command)).decode("utf-8", "surrogateescape").splitlines()
    except GitError:
        listed = []
    safe = False
    for entry in listed:
        # An empty entry clears those before it.
        safe = bool(entry) and (safe or entry in {"*", place} or (entry.endswith("/*") and place.startswith(entry[:-1])))
    if not safe:
        raise UserError(
            f"detected dubious ownership in repository at {place!r}: it belongs to another user."
            f" If you trust it: git config --global --add safe.directory {place}"
        )
