"""Opens the repository of a GitHub pull request for a command on this machine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from app.clock import now
from app.configuration.repository_config import RepositoryConfig
from app.configuration.settings import Settings
from app.github.installation_client import GitHubModel
from app.github.pull_request import head_of
from app.repositories.mirror_request import MirrorCommits, MirroredRepository
from app.repositories.mirror_settings import build_mirrors
from app.repositories.open_repository import MirrorAccess, OpenedRepository
from app.services.worker import open_app


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
