"""Fixtures: a system with two tenants, and browsers for its people."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.app.web.browser import Browser
from tests.stories.harness import InProcessSystem, open_system


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    """acme/shop with an admin (ada), a maintainer (mia), a writer (will) and a reader (rita); only gus has access to globex/lab."""
    async with open_system(tmp_path) as opened:
        world = opened.sandbox.world
        for login, role in (("ada", "admin"), ("mia", "maintain"), ("will", "write"), ("rita", "read")):
            opened.repository.add_collaborator(login, role)
        world.create_repository("globex/lab", private=True).add_collaborator("gus", "admin")
        world.user("sam")
        await opened.settle()
        yield opened


@pytest.fixture
async def browser(system: InProcessSystem) -> AsyncIterator[Callable[[], Browser]]:
    """Opens a new browser per call."""
    async with AsyncExitStack() as stack:

        def opened() -> Browser:
            made = Browser(system.url, system.sandbox)
            stack.push_async_callback(made.close)
            return made

        yield opened
