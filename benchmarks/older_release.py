"""Checks out the previous release from this repository's history: the newest commit with fewer migrations."""

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
    """The newest commit before the newest migration."""
    newest = max(_ROOT.joinpath(_MIGRATIONS).glob("[0-9]*.py")).name
    came = _git("log", "--diff-filter=A", "--format=%H", "--", f"{_MIGRATIONS}/{newest}").split()
    return _git("rev-parse", "--verify", "--quiet", f"{came[-1]}^").strip() if came else ""


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=_ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""
