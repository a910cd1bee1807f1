"""The paths of one mirror and its companion files, and how it is removed."""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from app.repositories.file_lock import FileLock, try_lock

_SHA = re.compile(r"[0-9a-f]{40}\Z")
_NUMBER = re.compile(r"[0-9]+\Z")


@dataclass(frozen=True)
class MirrorNotes:
    """Facts about a mirror for later: for how many days after its last use it is kept, or only while it is used.

    `refusal` is why it is not fetched again before the time `refused_until`, for a cap of `max_mb`.
    """

    retention_days: int = 90
    ephemeral: bool = False
    refusal: str = ""
    refused_until: float = 0.0
    max_mb: int = 0


@dataclass(frozen=True)
class MirrorPlace:
    """The mirror of one repository of one installation: a bare git directory with only numbers in its name.

    The files next to it: `.use` is locked shared by its readers, `.fetch` by the fetching process; `.json` holds its notes.
    """

    root: Path
    installation_id: int
    repository_id: int

    @property
    def folder(self) -> Path:
        """The bare git directory."""
        return self.root / str(int(self.installation_id)) / str(int(self.repository_id))

    @property
    def use(self) -> Path:
        """The file that readers lock. Its time is the last use."""
        return self.folder.with_name(f"{self.folder.name}.use")

    @property
    def fetching(self) -> Path:
        """The file that a fetch locks."""
        return self.folder.with_name(f"{self.folder.name}.fetch")

    def has(self, sha: str) -> bool:
        """Whether a commit was fetched. Its ref is written once all its objects are there."""
        return bool(_SHA.match(sha)) and self._ref(sha).is_file()

    def add_ref(self, sha: str) -> None:
        """Record that a commit is complete."""
        self._ref(sha).parent.mkdir(parents=True, exist_ok=True)
        self._ref(sha).write_text(f"{sha}\n")

    def commits(self, most: int) -> list[str]:
        """The commits in the mirror, newest first."""
        refs = sorted((path for path in self._refs.glob("*") if _SHA.match(path.name)), key=_age, reverse=True)
        return [path.name for path in refs[:most]]

    def touch(self, now: float) -> None:
        """Record that it is used now."""
        os.utime(self.use, (now, now))

    def last_use(self) -> float:
        """When it was used last, 0 for never."""
        return _age(self.use)

    def notes(self) -> MirrorNotes:
        """The stored notes. The defaults if there are none, or they cannot be read."""
        try:
            return MirrorNotes(**json.loads(self._notes.read_text()))
        except (OSError, ValueError, TypeError):
            return MirrorNotes()

    def write_notes(self, notes: MirrorNotes) -> None:
        """Store notes, replacing earlier ones."""
        self._notes.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._notes.parent, prefix=f"{self.folder.name}.gone-")
        with os.fdopen(handle, "w") as file:
            json.dump(asdict(notes), file)
        Path(name).replace(self._notes)

    def size(self) -> int:
        """The bytes of the mirror on disk."""
        return size_of(self.folder)

    def new_folder(self) -> Path:
        """An empty folder next to it, on the same disk. Its remains after a crash are swept."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=f"{self.folder.name}.new-"))

    def remove(self) -> None:
        """Delete the mirror. It disappears at once, even if this is interrupted: half a mirror must not look like a whole one."""
        gone = Path(tempfile.mkdtemp(dir=self.folder.parent, prefix=f"{self.folder.name}.gone-")) if self.folder.exists() else None
        if gone:
            self.folder.rename(gone / "mirror")
            shutil.rmtree(gone, ignore_errors=True)

    def remove_if_unused(self) -> bool:
        """Delete it unless a process reads or fetches it."""
        locks = self._lock_all()
        if locks is None:
            return False
        with locks[0], locks[1]:
            self.remove()
            self.remove_rests()
        return True

    def remove_rests(self) -> None:
        """Delete the remains of an interrupted fetch or removal. Only for the holder of the fetch lock."""
        for kind in ("new", "gone"):
            for path in self.folder.parent.glob(f"{self.folder.name}.{kind}-*"):
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def remove_all(self) -> None:
        """Delete it with its companion files, even while it is in use: a running fetch finds its lock gone and keeps nothing."""
        for path in (self.use, self.fetching, self._notes):
            path.unlink(missing_ok=True)
        if self.folder.parent.exists():
            self.remove()
            self.remove_rests()

    def _lock_all(self) -> tuple[FileLock, FileLock] | None:
        using = try_lock(self.use)
        if using is None:
            return None
        fetching = try_lock(self.fetching)
        if fetching is None:
            using.release()
            return None
        return using, fetching

    def _ref(self, sha: str) -> Path:
        return self._refs / sha

    @property
    def _refs(self) -> Path:
        return self.folder / "refs" / "commits"

    @property
    def _notes(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.json")


def places_in(root: Path) -> Iterator[MirrorPlace]:
    """Every mirror, including partly deleted ones."""
    for folder in sorted(root.glob("*")):
        if _NUMBER.match(folder.name) and folder.is_dir():
            names = {path.name.partition(".")[0] for path in folder.iterdir()}
            yield from (MirrorPlace(root, int(folder.name), int(name)) for name in sorted(names) if _NUMBER.match(name))


def size_of(folder: Path) -> int:
    """The bytes of all files in a folder. Files that vanish meanwhile do not count."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 - os.walk gives strings
            except FileNotFoundError:
                continue
    return total


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
