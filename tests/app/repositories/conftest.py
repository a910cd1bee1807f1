"""A sandbox GitHub with one private repository, and mirrors of it that fetch over its wire."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import pytest

from app.git.fetching import GitRemote
from app.github.github_app import GitHubApp, Timing
from app.repositories.mirror_request import MirrorCommits, MirroredRepository, MirrorOptions, MirrorRules
from app.repositories.mirrors import Mirror, Mirrors
from app.repositories.refusals import NoMirror
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.github.world import make_key
from app.sandbox.server import Sandbox
from tests.app.git.repositories import git

FILES = {"a.py": "a = 1\n", "src/deep/b.py": "b = 2\n", "docs/guide.md": "# Guide\n"}


@dataclass
class House:
    """What a test needs: the sandbox, a private repository there, and a factory of mirrors below one folder."""

    sandbox: Sandbox
    repository: SandboxRepository
    root: Path
    tokens: list[str] = field(default_factory=list)
    rules: MirrorRules = field(default_factory=MirrorRules)

    @cached_property
    def app(self) -> GitHubApp:
        ours = self.sandbox.world.app
        return GitHubApp(self.sandbox.api_url, ours.id, ours.private_key, Timing(connect=2, read=5))

    @property
    def key(self) -> MirroredRepository:
        return self.key_of(self.repository)

    def key_of(self, repository: SandboxRepository) -> MirroredRepository:
        installation = self.sandbox.world.installation_of(repository)
        return MirroredRepository(installation.id if installation else 0, repository.id)

    def folder(self, repository: SandboxRepository | None = None) -> Path:
        key = self.key_of(repository or self.repository)
        return self.root / str(key.installation_id) / str(key.repository_id)

    @asynccontextmanager
    async def access(self, repository: MirroredRepository) -> AsyncIterator[GitRemote]:
        async with self.app.clone_token(repository.installation_id, repository.repository_id) as clone:
            self.tokens.append(clone.token)
            yield GitRemote(f"{self.sandbox.web_url}/{clone.full_name}.git", clone.token)

    def mirrors(self, clock: Callable[[], float] | None = None, **options: float) -> Mirrors:
        return Mirrors(self.root, self.access, self.options(**options), *([clock] if clock else []))

    @staticmethod
    def options(**options: float) -> MirrorOptions:
        return replace(MirrorOptions(), **options)  # type: ignore[arg-type]

    @property
    def tip(self) -> str:
        return self.repository.branches["main"]

    def fetches(self) -> list[int]:
        """The states of the answers to `git-upload-pack`: one for commits by id, one more if refs are requested."""
        return [exchange.status for exchange in self.sandbox.log.exchanges if exchange.operation == "git_upload_pack"]


async def outcome(mirrors: Mirrors, system: House, commits: MirrorCommits, rules: MirrorRules | None = None) -> Mirror | NoMirror:
    async with mirrors.open(system.key, commits, rules or system.rules) as opened:
        return opened


def files_at(folder: Path, sha: str) -> Sequence[str]:
    return git(folder, "ls-tree", "-r", "--name-only", sha).splitlines()


@pytest.fixture(scope="session")
def private_key() -> str:
    return make_key()


@pytest.fixture
async def system(private_key: str, tmp_path: Path) -> AsyncIterator[House]:
    async with Sandbox.start(private_key=private_key) as sandbox:
        yield House(sandbox, sandbox.world.create_repository("acme/shop", FILES, private=True), tmp_path / "mirrors")
