"""A system for each story."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.stories.backups import Backups
from tests.stories.harness import InProcessSystem, open_system


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    async with open_system(tmp_path) as opened:
        yield opened


@pytest.fixture
async def mirroring_house(tmp_path: Path) -> AsyncIterator[InProcessSystem]:
    async with open_system(tmp_path, mirrors=True) as opened:
        yield opened


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def backups(request: pytest.FixtureRequest, tmp_path: Path) -> Backups:
    return Backups(request.getfixturevalue("postgres") if request.param == "postgres" else "", tmp_path)
