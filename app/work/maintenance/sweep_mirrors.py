"""Deletes mirrors on this machine that may no longer be kept. Every worker does this itself."""

import asyncio

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.repositories.removal import RepositoriesWithMirrors, sweep
from app.services.worker import WorkerServices
from app.store.deletion import privacy

log = structlog.get_logger(__name__)

_SECONDS = 600.0


async def sweep_mirrors(services: WorkerServices) -> None:
    """Delete expired mirrors, and those of repositories that were deleted anywhere."""
    root = services.settings.mirrors_folder
    if not root.exists():
        return
    async with services.database.read() as connection:
        repositories = RepositoriesWithMirrors(await privacy.repository_ids(connection), await privacy.deletions(connection))
    if swept := await sweep(root, services.clock(), repositories):
        log.info("mirrors deleted", count=swept)


async def keep_mirrors_swept(services: WorkerServices) -> None:
    """Sweep now and every ten minutes, until cancelled."""
    while True:
        try:
            await sweep_mirrors(services)
        except (SQLAlchemyError, OSError) as error:
            log.warning("could not sweep the mirrors", error=type(error).__name__)
        await asyncio.sleep(_SECONDS)
