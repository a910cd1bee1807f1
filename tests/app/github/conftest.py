"""A sandbox GitHub with one repository, and the App's client for it. Waits are recorded instead of slept."""

from collections.abc import AsyncIterator

import pytest

from app.github.github_app import GitHubApp, Timing
from app.github.installation_client import InstallationClient
from app.sandbox.github.repository import SandboxRepository
from app.sandbox.server import Sandbox

FULL_NAME = "acme/shop"


class Waits(list[float]):
    """A sleep that returns at once and records its argument."""

    async def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox.start() as running:
        yield running


@pytest.fixture
def repository(sandbox: Sandbox) -> SandboxRepository:
    return sandbox.world.create_repository(FULL_NAME, {"README.md": "# shop\n"})


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def app(sandbox: Sandbox, waits: Waits) -> GitHubApp:
    ours = sandbox.world.app
    return GitHubApp(sandbox.api_url, ours.id, ours.private_key, Timing(connect=2, read=5, sleep=waits))


@pytest.fixture
def installation_id(sandbox: Sandbox, repository: SandboxRepository) -> int:
    found = sandbox.world.installation_of(repository)
    assert found is not None
    return found.id


@pytest.fixture
async def github(app: GitHubApp, installation_id: int) -> AsyncIterator[InstallationClient]:
    async with app.installation(installation_id, FULL_NAME) as opened:
        yield opened
