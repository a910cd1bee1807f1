"""Opens the repository of a GitHub pull request for a command on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.github.client import GitHubModel
from app.github.pull_request import head_of
from app.github.repository_config import RepositoryConfig
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.services.clock import now
from app.services.mirroring import build_mirrors
from app.services.repository_access import MirrorAccess, OpenedRepository
from app.services.workshop import open_app
from app.settings import Settings


class _Repository(GitHubModel):
    id: int


@asynccontextmanager
async def open_pull_request_repository(
    settings: Settings, full_name: str, number: int, config: RepositoryConfig | None = None
) -> AsyncIterator[OpenedRepository]:
    """The head of a pull request, read with the App's own permission."""
    app = open_app(settings)
    installation = await app.repository_installation(full_name)
    async with app.installation(installation.id, full_name) as github:
        repository, head = await asyncio.gather(github.get(f"/repos/{full_name}", _Repository), head_of(github, full_name, number))
    mirrors = build_mirrors(settings, app, now)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(mirrors.close)
        commits = MirrorCommits(head.sha, pull_number=number)
        mirrored = MirroredRepository(installation.id, repository.id)
        yield await MirrorAccess(settings, mirrors, stack).open(mirrored, commits, config or RepositoryConfig())
