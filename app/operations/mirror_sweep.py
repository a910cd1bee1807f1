"""Deletes mirrors on this machine that may no longer be kept. Every process that keeps mirrors does this itself."""

import asyncio
from collections.abc import Callable
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.configuration.settings import Settings
from app.repositories.removal import RepositoriesWithMirrors, sweep
from app.store.deletion import privacy
from app.store.engine.database import Database

log = structlog.get_logger(__name__)

_SECONDS = 600.0


class KeepsMirrors(Protocol):
    """What a sweep needs of a process's services."""

    @property
    def settings(self) -> Settings: ...
    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Callable[[], float]: ...


async def sweep_mirrors(services: KeepsMirrors) -> None:
    """Delete expired mirrors, and those of repositories that were deleted anywhere."""
    root = services.settings.mirrors_folder
    if not root.exists():
        return
    async with services.database.read() as connection:
        repositories = RepositoriesWithMirrors(await privacy.repository_ids(connection), await privacy.deletions(connection))
    if swept := await sweep(root, services.clock(), repositories):
        log.info("mirrors deleted", count=swept)


async def keep_mirrors_swept(services: KeepsMirrors) -> None:
    """Sweep now and every ten minutes, until cancelled."""
    while True:
        try:
            await sweep_mirrors(services)
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not sweep the mirrors", error=type(error).__name__)
        await asyncio.sleep(_SECONDS)
