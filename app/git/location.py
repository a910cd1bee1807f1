"""Finds a repository's directories by only reading files: git itself would read, and obey, the config inside them."""

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from app.errors import UserError

_SMALL = 1_000_000
_HEAD = re.compile(r"(?:ref:\s*refs/\S.*|[0-9a-f]{40}|[0-9a-f]{64})\s*\Z")


@dataclass(frozen=True)
class RepositoryLocation:
    """Where a repository is. `own` holds HEAD and the index, `common` the objects and refs; they differ in a linked worktree.

    `root` is the folder of the files, or None in a bare repository; `gate` is its `.git`.
    """

    own: Path
    common: Path
    root: Path | None
    gate: Path

    @property
    def shallow(self) -> bool:
        """Whether its history was truncated when it was cloned."""
        return (self.common / "shallow").is_file()


def locate(folder: Path) -> RepositoryLocation:
    """The repository of a folder, as git would find it. Raises UserError if there is none."""
    start = folder.resolve()
    if not start.is_dir():
        raise UserError(f"{folder} is not a folder")
    try:
        for place in (start, *start.parents):
            gate = place / ".git"
            if gate.is_file():
                return _at(_linked(gate), place, gate)
            if _is_git_directory(gate):
                return _at(gate, place, gate)
            if _is_git_directory(place):
                return _at(place, None, place)
    except OSError as error:
        raise UserError(f"{error.filename or folder} cannot be read: {error.strerror}") from None
    raise UserError(f"{folder} is not in a git repository; change to one, or set --repo")


def read_small(path: Path) -> str:
    """The text of a small regular file, or "" if there is none. A pipe or a device does not block this."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    with os.fdopen(handle, "rb") as file:
        return file.read(_SMALL).decode("utf-8", "surrogateescape") if stat.S_ISREG(os.fstat(handle).st_mode) else ""


def _at(own: Path, root: Path | None, gate: Path) -> RepositoryLocation:
    shared = read_small(own / "commondir").strip()
    common = (own / shared).resolve() if shared else own
    if not (common / "objects").is_dir():
        raise UserError(f"{own} is not a git directory: it has no objects")
    return RepositoryLocation(own, common, root, gate)


def _linked(gate: Path) -> Path:
    """The directory that a `.git` file names: https://git-scm.com/docs/gitrepository-layout."""
    text = read_small(gate)
    own = (gate.parent / text.removeprefix("gitdir:").strip()).resolve()
    if not text.startswith("gitdir:") or not (own / "HEAD").exists():
        raise UserError(f"{gate} does not name a git directory")
    return own


def _is_git_directory(path: Path) -> bool:
    if (path / "HEAD").is_symlink():
        # How git before 1.0 wrote a branch.
        return (path / "objects").is_dir()
    if not (path / "objects").is_dir() and not (path / "commondir").is_file():
        return False
    return bool(_HEAD.match(read_small(path / "HEAD")))
