"""Checks out the previous release from this repository's history: the newest commit of the main line with fewer migrations."""

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_MIGRATIONS = "app/store/migrations/versions"


@dataclass(frozen=True)
class Release:
    """A source tree; `commit` is "" for today's tree, and `reason` says why."""

    home: Path
    commit: str = ""
    reason: str = ""


@contextlib.contextmanager
def older_release(*, wanted: bool) -> Iterator[Release]:
    """A tree of the older commit with today's benchmarks, for as long as the block lasts."""
    commit = _older_commit() if wanted else ""
    if not commit:
        yield Release(_ROOT, reason="no git history" if wanted else "small form")
        return
    with tempfile.TemporaryDirectory(prefix="council-release-") as name:
        archive = subprocess.run(["git", "archive", commit], cwd=_ROOT, capture_output=True, check=True).stdout
        subprocess.run(["tar", "-x", "-C", name], input=archive, check=True)
        yield Release(Path(name), commit[:12])


def _older_commit() -> str:
    """The newest commit of the main line without the newest migration.

    The migrations that it has are the first of today's. Commits of a branch may lack one between others, which no server ran.
    """
    today = _migrations("HEAD")
    for commit in _git("rev-list", "--first-parent", "HEAD", "--", _MIGRATIONS).split():
        before = _git("rev-parse", "--verify", "--quiet", f"{commit}^").strip()
        known = _migrations(before) if before else []
        if known and len(known) < len(today) and known == today[: len(known)]:
            return before
    return ""


def _migrations(commit: str) -> list[str]:
    """The file names of a commit's migrations, in their order."""
    paths = _git("ls-tree", "--name-only", commit, f"{_MIGRATIONS}/").split()
    return sorted(name for path in paths if (name := Path(path).name)[0].isdigit())


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
