"""What a mirror is asked for, and what the server and the repository allow."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from app.git.fetching import GitRemote


@dataclass(frozen=True)
class MirrorOptions:
    """What this server allows: `most_mb` for all mirrors, `wait_seconds` for one who waits, `fetch_seconds` for a fetch."""

    enabled: bool = True
    most_mb: int = 2_048
    wait_seconds: float = 20.0
    fetch_seconds: float = 300.0


@dataclass(frozen=True)
class MirrorRules:
    """What a repository wants: how large its mirror may be, how long it is kept unused, or only while it is open (`ephemeral`)."""

    enabled: bool = True
    max_mb: int = 500
    retention_days: int = 90
    ephemeral: bool = False


@dataclass(frozen=True)
class MirroredRepository:
    """A repository by GitHub's ids, which outlive its names."""

    installation_id: int
    repository_id: int


@dataclass(frozen=True)
class MirrorCommits:
    """What a mirror must hold: the head and, where there is one, the base; `pull_number` is 0 where it is no pull request."""

    head_sha: str
    base_sha: str = ""
    pull_number: int = 0

    @property
    def shas(self) -> tuple[str, ...]:
        """The ids of the commits, each once."""
        return tuple(dict.fromkeys(sha for sha in (self.head_sha, self.base_sha) if sha))


@dataclass(frozen=True)
class MirrorRequest:
    """A repository, the commits that are wanted, and its rules."""

    repository: MirroredRepository
    commits: MirrorCommits
    rules: MirrorRules


class RemoteAccess(Protocol):
    """Opens the remote of a repository, by the name it has now, with a token that ends with the block."""

    def __call__(self, repository: MirroredRepository) -> AbstractAsyncContextManager[GitRemote]: ...
