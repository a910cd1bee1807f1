"""What a mirror is requested for, and what the server and the repository allow."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from app.git.fetching import GitRemote


@dataclass(frozen=True)
class MirrorOptions:
    """What this server allows: `most_mb` for all mirrors, `wait_seconds` for one caller, `fetch_seconds` for a fetch."""

    enabled: bool = True
    most_mb: int = 2_048
    wait_seconds: float = 20.0
    fetch_seconds: float = 300.0


@dataclass(frozen=True)
class MirrorRules:
    """A repository's settings: how large its mirror may be, how long it is kept unused, or only while it is open (`ephemeral`)."""

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
    """What a mirror must contain: the head and, if there is one, the base. `pull_number` is 0 without a pull request."""

    head_sha: str
    base_sha: str = ""
    pull_number: int = 0

    @property
    def shas(self) -> tuple[str, ...]:
        """The ids of the commits, each once."""
        return tuple(dict.fromkeys(sha for sha in (self.head_sha, self.base_sha) if sha))


@dataclass(frozen=True)
class MirrorRequest:
    """A repository, the requested commits, and its rules."""

    repository: MirroredRepository
    commits: MirrorCommits
    rules: MirrorRules


class RemoteAccess(Protocol):
    """Opens the remote of a repository under its current name, with a token that expires with the block."""

    def __call__(self, repository: MirroredRepository) -> AbstractAsyncContextManager[GitRemote]: ...
