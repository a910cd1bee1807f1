"""Makes a commit of uncommitted changes, in the private directory: the staged files, or all files of the folder.

The repository's index is copied and never written. We read its folder ourselves, because git would run the filters and hooks that it names.
"""

import os
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

from app.configuration.settings import staged_index
from app.errors import UserError
from app.git.child import GitCommand, GitError, run_git
from app.git.reader import Reader

_IDENTITY = {
    f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "council"), ("EMAIL", "council@localhost"))
}
# The same files get the same id, so that a model is asked about them only once.
_DATE = {"GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2000-01-01T00:00:00Z"}
_LARGEST = 20_000_000


class Uncommitted:
    """The index and the folder of one repository, as commits on top of `parent`, or of nothing."""

    def __init__(self, reader: Reader, parent: str | None) -> None:
        self._reader = reader
        self._parent = parent

    async def base(self) -> str:
        """The commit that the files are compared with: `parent`, or one without files."""
        return self._parent or await self._commit(self._reader.directory.empty_tree, "Nothing", ())

    async def staged(self) -> str:
        """A commit of what `git commit` would include."""
        self._copy_index()
        return await self._commit(await self._write_tree(), "Staged changes")

    async def worktree(self) -> str:
        """A commit of the files in the folder: staged or not, and new ones that are not ignored."""
        root = self._reader.location.root
        if root is None:
            raise UserError(f"{self._reader.folder} is a bare repository, which has no working files")
        self._copy_index()
        tracked = (await self._git("diff-files", "--name-only", "-z", "--ignore-submodules=all", root=root)).split(b"\0")
        new = (await self._git("ls-files", "--others", "--exclude-standard", "-z", root=root)).split(b"\0")
        await self._git(
            "update-index", "-z", "--index-info", given=await self._index_lines(root, [path for path in (*tracked, *new) if path])
        )
        return await self._commit(await self._write_tree(), "Uncommitted changes")

    async def _index_lines(self, root: Path, paths: Sequence[bytes]) -> bytes:
        """The input of `git update-index --index-info`. Contents go to our object folder, unfiltered."""
        lines, copies = [], self._reader.directory.path / "copies"
        copies.mkdir(exist_ok=True)
        contents: list[tuple[str, bytes]] = []
        for path in paths:
            mode, data = _read_file(root, path)
            if data is None:
                lines.append(b"0 " + b"0" * len(self._reader.directory.empty_tree) + b"\t" + path)
            elif mode:
                (copies / str(len(contents))).write_bytes(data)
                contents.append((mode, path))
        names = "".join(f"{copies / str(number)}\n" for number in range(len(contents))).encode()
        oids = (await self._git("hash-object", "-w", "--no-filters", "--stdin-paths", given=names)).split() if contents else []
        lines += [mode.encode() + b" " + oid + b"\t" + path for (mode, path), oid in zip(contents, oids, strict=True)]
        return b"".join(line + b"\0" for line in lines)

    def _copy_index(self) -> None:
        index = _hook_index(self._reader) or self._reader.location.own / "index"
        into = self._reader.directory.path
        if index.is_file():
            # With its time, by which git detects files that changed while it was written.
            shutil.copy2(index, into / "index")
        for shared in self._reader.location.own.glob("sharedindex.*"):
            shutil.copy2(shared, into / shared.name)

    async def _write_tree(self) -> str:
        try:
            return (await self._git("write-tree")).decode().strip()
        except GitError as error:
            if "unmerged" in error.words:
                raise UserError(f"{self._reader.folder} has files with conflicts; resolve them first") from None
            raise

    async def _commit(self, tree: str, message: str, parents: Sequence[str] | None = None) -> str:
        parent = parents if parents is not None else (await self.base(),)
        words = [word for each in parent for word in ("-p", each)]
        return (await self._git("commit-tree", tree, *words, "-m", message)).decode().strip()

    async def _git(self, *words: str, given: bytes = b"", root: Path | None = None) -> bytes:
        environment = {**self._reader.directory.environment, **_IDENTITY, **_DATE}
        settings = ("-c", "core.bare=false") if root else ()
        if root:
            environment["GIT_WORK_TREE"] = str(root)
        return await run_git(GitCommand((*settings, *words), root or self._reader.directory.path, environment, given))


def _hook_index(reader: Reader) -> Path | None:
    """The index that a commit hook got, if it is in this repository's git directory."""
    if not (named := staged_index()):
        return None
    for folder in (Path.cwd(), reader.location.root):
        path = folder / named if folder else Path(named)
        if path.is_file() and path.resolve().is_relative_to(reader.location.own.resolve()):
            return path
    return None


def _read_file(root: Path, raw: bytes) -> tuple[str, bytes | None]:
    """The mode and content of one path. None if it is gone, "" as mode if it is nothing that git would store."""
    place = root / os.fsdecode(raw)
    try:
        if place.parent.resolve() != root.resolve() / Path(os.fsdecode(raw)).parent:
            # A folder became a link: what is behind it is not part of the repository.
            return "", None
        facts = place.lstat()
        if stat.S_ISLNK(facts.st_mode):
            return "120000", os.fsencode(place.readlink())
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _LARGEST:
            return "", b""
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return "", None
    with os.fdopen(handle, "rb") as file:
        return "100755" if facts.st_mode & stat.S_IXUSR else "100644", file.read(_LARGEST)
